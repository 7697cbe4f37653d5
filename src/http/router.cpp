#include "http/text.h"

#include <bulla/http.h>

#include <algorithm>
#include <iterator>
#include <set>

namespace bulla::http {
namespace {

using Params = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view implemented[] = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"};

/// "/a/b/" as "a", "b", "". Paths are split before they are decoded, so that %2F stays inside its segment.
std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> segments;
  if (!path.empty() && path.front() == '/') path.remove_prefix(1);
  for (;;) {
    const size_t slash = path.find('/');
    segments.emplace_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

/// What a pattern's segments matched, or nothing. `path` is decoded segment by segment.
std::optional<Params> match(const std::vector<std::string>& pattern, const std::vector<std::string>& path) {
  Params params;
  for (size_t i = 0; i < pattern.size(); ++i) {
    const std::string& want = pattern[i];
    if (want == "*" && i + 1 == pattern.size()) {
      std::string rest;
      for (size_t k = i; k < path.size(); ++k) rest += (k == i ? "" : "/") + path[k];
      params.emplace_back("*", std::move(rest));
      return params;
    }
    if (i >= path.size()) return std::nullopt;
    if (!want.empty() && want.front() == ':') {
      if (path[i].empty()) return std::nullopt;
      params.emplace_back(want.substr(1), path[i]);
    } else if (want != path[i]) {
      return std::nullopt;
    }
  }
  return pattern.size() == path.size() ? std::optional(std::move(params)) : std::nullopt;
}

/// 0 for a literal, 1 for `:name`, 2 for `*`.
int rank(const std::string& segment) noexcept {
  if (segment == "*") return 2;
  return !segment.empty() && segment.front() == ':' ? 1 : 0;
}

bool more_specific(const std::vector<std::string>& a, const std::vector<std::string>& b) noexcept {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                      [](const auto& x, const auto& y) { return rank(x) < rank(y); });
}

}  // namespace

bool is_implemented(std::string_view method) noexcept {
  return std::find(std::begin(implemented), std::end(implemented), method) != std::end(implemented);
}

Router& Router::add(std::string_view method, std::string_view pattern, Handler handler) {
  routes_.push_back(Route{std::string(method), split(pattern), std::move(handler)});
  return *this;
}

Response Router::handle(Request& request) const {
  std::vector<std::string> path = split(request.raw_path);
  for (std::string& segment : path) {
    auto decoded = percent_decode(segment);
    if (!decoded) return Response::of_status(400);
    segment = std::move(*decoded);
  }
  const Route* best = nullptr;
  int best_fit = 0;
  std::set<std::string> allowed;
  for (const Route& route : routes_) {
    auto params = match(route.segments, path);
    if (!params) continue;
    if (!route.method.empty()) allowed.insert(route.method);
    // The method itself before GET in HEAD's stead before any method.
    const int fit = route.method == request.method                      ? 3
                    : route.method == "GET" && request.method == "HEAD" ? 2
                    : route.method.empty()                              ? 1
                                                                        : 0;
    if (fit == 0) continue;
    const bool better = !best || more_specific(route.segments, best->segments) ||
                        (!more_specific(best->segments, route.segments) && fit > best_fit);
    if (!better) continue;
    best = &route;
    best_fit = fit;
    request.params = std::move(*params);
  }
  if (best) return best->handler(request);
  // RFC 9110 §15.6.2: a method that no resource knows is 501, one that this resource does not allow 405.
  if (!is_implemented(request.method)) return Response::of_status(501);
  if (allowed.empty()) return Response::of_status(404);
  if (allowed.contains("GET")) allowed.insert("HEAD");
  std::string list;
  for (const std::string& method : allowed) list += (list.empty() ? "" : ", ") + method;
  return Response::of_status(405).header("Allow", list);
}

Response Router::operator()(const Request& request) const {
  Request copy = request;
  return handle(copy);
}

}  // namespace bulla::http
