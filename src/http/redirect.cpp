// Which request follows a redirect (RFC 9110 §15.4).
#include "http/text.h"

#include <bulla/http.h>

namespace bulla::http {
namespace {

bool is_redirect(int status) noexcept {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/// The body goes, and what describes it.
void become_get(ClientRequest& request) {
  if (request.method != "HEAD") request.method = "GET";
  request.body.clear();
  for (const std::string_view name :
       {"Content-Type", "Content-Encoding", "Content-Language", "Content-Location"})
    request.headers.remove(name);
}

}  // namespace

Result<std::optional<ClientRequest>> next_request(const ClientRequest& request, const ResponseHead& head,
                                                  int followed, const RedirectPolicy& policy) {
  const auto location = head.headers.find("Location");
  if (!is_redirect(head.status) || !location) return std::optional<ClientRequest>{};
  if (head.headers.count("Location") > 1)
    return Error{ErrorCode::http_bad_redirect, "several Location fields"};
  if (followed >= policy.max)
    return Error{ErrorCode::http_too_many_redirects,
                 std::to_string(followed) + " redirects, the last to " + printable(*location)};
  auto url = request.url.resolve(*location);
  if (!url) return Error{ErrorCode::http_bad_redirect, url.error().detail};
  if (request.url.scheme == Scheme::https && url->scheme == Scheme::http &&
      policy.https_to_http == Downgrade::refuse)
    return Error{ErrorCode::http_redirect_refused, request.url.to_string() + " -> " + url->to_string()};
  ClientRequest next = request;
  next.url = std::move(*url);
  // §10.2.2: a fragment is inherited where the Location has none.
  if (!next.url.fragment) next.url.fragment = request.url.fragment;
  const bool post_to_get = (head.status == 301 || head.status == 302) && request.method == "POST";
  if (head.status == 303 || post_to_get) become_get(next);
  if (!next.url.same_origin(request.url))
    for (const std::string_view name : {"Authorization", "Cookie", "Proxy-Authorization"})
      next.headers.remove(name);
  return std::optional<ClientRequest>(std::move(next));
}

}  // namespace bulla::http
