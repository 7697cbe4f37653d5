// The heads of HTTP messages as text, as they went over the wire.
#pragma once

#include <bulla/http.h>

#include <string>
#include <string_view>

namespace bulla::cli {

/// A request's head as it is sent, without the empty line; the lines end with a line feed. Empty where HTTP
/// cannot carry it.
std::string request_text(const http::ClientRequest& request);
/// A response's head without the empty line.
std::string response_text(const http::ResponseHead& head, std::string_view line_end);
/// Each line of `text` behind `mark` ("> "), safe for a terminal.
std::string marked(std::string_view text, std::string_view mark);

}  // namespace bulla::cli
