#include "cli/http_text.h"

#include <algorithm>

namespace bulla::cli {

std::string request_text(const http::ClientRequest& request) {
  const auto bytes = http::serialize_request(request, http::Persistence::keep_alive);
  if (!bytes) return {};
  std::string head = bytes->substr(0, bytes->find("\r\n\r\n") + 2);
  std::erase(head, '\r');
  return head;
}

std::string response_text(const http::ResponseHead& head, std::string_view line_end) {
  std::string out = "HTTP/1." + std::to_string(head.version_minor) + " " + std::to_string(head.status);
  out += " " + head.reason + std::string(line_end);
  for (const http::Field& field : head.headers)
    out += field.name + ": " + field.value + std::string(line_end);
  return out;
}

std::string marked(std::string_view text, std::string_view mark) {
  std::string out;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    out += std::string(mark) + printable(text.substr(0, end));
    out.resize(out.find_last_not_of(' ') + 1);  // of an empty line only the mark's sign is left
    out += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

}  // namespace bulla::cli
