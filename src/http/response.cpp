#include "http/text.h"

#include <bulla/http.h>

#include <boost/beast/http/status.hpp>

namespace bulla::http {

std::string_view reason_phrase(int status) noexcept {
  switch (status) {
    // Newer than Beast's table (RFC 9110 §15).
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 422: return "Unprocessable Content";
  }
  if (status < 100 || status > 599) return "Unknown";
  const auto phrase =
      boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(static_cast<unsigned>(status)));
  return phrase == "<unknown-status>" ? std::string_view("Unknown")
                                      : std::string_view(phrase.data(), phrase.size());
}

Response& Response::content(std::string_view type, std::string bytes) & {
  headers.set("Content-Type", type);
  body = std::move(bytes);
  file.reset();
  producer = nullptr;
  return *this;
}

Response& Response::text(std::string text) & {
  return content("text/plain; charset=utf-8", std::move(text));
}
Response& Response::html(std::string text) & {
  return content("text/html; charset=utf-8", std::move(text));
}
Response& Response::json(std::string text) & {
  return content("application/json", std::move(text));
}

Response& Response::file_body(std::shared_ptr<const File> source, std::string path, std::string_view type) & {
  headers.set("Content-Type", type.empty() ? content_type_of(path) : type);
  const uint64_t length = source->size();
  file = FileSource{std::move(source), std::move(path), 0, length};
  return *this;
}

Response& Response::header(std::string_view name, std::string_view value) & {
  headers.set(name, value);
  return *this;
}

Response Response::from_file(const std::string& path) {
  auto opened = File::open(path);
  if (!opened) return of_status(404);
  Response response;
  response.file_body(std::move(*opened), path);
  return response;
}

Response Response::of_status(int code, std::string_view explanation) {
  std::string page = std::to_string(code) + ' ' + std::string(reason_phrase(code)) + '\n';
  if (!explanation.empty()) page.append(explanation).append("\n");
  return Response(code).text(std::move(page));
}

Response Response::redirect(int code, std::string_view location) {
  return of_status(code).header("Location", location);
}

}  // namespace bulla::http
