#include "http/target.h"

#include "http/text.h"

namespace bulla::http {
namespace {

Error bad(const Request& request) {
  return Error{ErrorCode::http_bad_target, printable(request.target)};
}

/// A path with a NUL, whatever it is meant for, ends early in every C function below.
Result<void> set_path(Request& request, std::string_view path_and_query) {
  const size_t mark = path_and_query.find('?');
  request.raw_path = path_and_query.substr(0, mark);
  if (mark != std::string_view::npos) request.query = path_and_query.substr(mark + 1);
  auto decoded = percent_decode(request.raw_path);
  if (!decoded || decoded->find('\0') != std::string::npos) return bad(request);
  request.path = std::move(*decoded);
  return {};
}

Result<void> authority_form(Request& request) {
  const std::string_view target = request.target;
  const size_t colon = target.rfind(':');
  if (colon == std::string_view::npos || !parse_decimal(target.substr(colon + 1)) || !is_host_field(target))
    return bad(request);
  request.host = target;
  request.path = request.raw_path = "";
  return {};
}

Result<void> absolute_form(Request& request) {
  auto url = Url::parse(request.target);
  if (!url) return bad(request);
  request.host = url->authority();
  return set_path(request, url->target());
}

}  // namespace

Result<void> split_target(Request& request) {
  const std::string_view target = request.target;
  if (target.find('#') != std::string_view::npos) return bad(request);
  if (request.method == "CONNECT") return authority_form(request);
  if (target.front() == '/') return set_path(request, target);
  if (target == "*" && request.method == "OPTIONS") {
    request.path = request.raw_path = "*";
    return {};
  }
  return absolute_form(request);
}

}  // namespace bulla::http
