#include "asn1/pem.h"

#include "asn1/base64.h"

#include <algorithm>

namespace bulla::asn1 {
namespace {

constexpr std::string_view begin_mark = "-----BEGIN ";
constexpr std::string_view end_mark = "-----END ";
constexpr std::string_view dashes = "-----";

std::string_view trimmed(std::string_view line) {
  constexpr std::string_view space = " \t\r\v\f";
  const size_t first = line.find_first_not_of(space);
  if (first == std::string_view::npos) return {};
  return line.substr(first, line.find_last_not_of(space) - first + 1);
}

/// Lines, counted for messages; LF and CRLF and lone CR end one.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}
  bool next(std::string_view& line) {
    if (rest_.empty()) return false;
    ++number_;
    const size_t at = rest_.find_first_of("\r\n");
    line = trimmed(rest_.substr(0, at));
    if (at == std::string_view::npos) {
      rest_ = {};
    } else {
      const bool crlf = rest_[at] == '\r' && at + 1 < rest_.size() && rest_[at + 1] == '\n';
      rest_.remove_prefix(at + (crlf ? 2 : 1));
    }
    return true;
  }
  size_t number() const { return number_; }

 private:
  std::string_view rest_;
  size_t number_ = 0;
};

/// The label of "-----BEGIN label-----", if that is what the line is.
std::optional<std::string_view> label_of(std::string_view line, std::string_view mark) {
  if (!line.starts_with(mark) || !line.ends_with(dashes) || line.size() < mark.size() + dashes.size())
    return {};
  return line.substr(mark.size(), line.size() - mark.size() - dashes.size());
}

Error malformed(size_t line, std::string_view why) {
  return {ErrorCode::pem_malformed, "line " + std::to_string(line) + ": " + std::string(why)};
}

/// Reads one block whose BEGIN line was just taken.
Result<PemBlock> block(Lines& lines, std::string_view label) {
  PemBlock out{.label = std::string(label), .headers = {}, .content = {}};
  const size_t begin_line = lines.number();
  std::vector<std::string_view> body;
  std::string_view line;
  bool in_headers = false;
  size_t characters = 0;
  while (lines.next(line)) {
    if (const auto end = label_of(line, end_mark)) {
      if (*end != label)
        return malformed(lines.number(), "the END line has another label than its BEGIN line");
      out.content = SecretBytes(characters / 4 * 3 + 3);
      const auto size = base64_decode(body, out.content.writable());
      if (!size) return malformed(begin_line, "the block is not base64");
      out.content = SecretBytes(out.content.reveal().first(*size));
      return out;
    }
    if (line.starts_with(dashes)) return malformed(lines.number(), "a block is not closed by its END line");
    // RFC 1421 §4.4: headers stand before the first empty line; a line that starts with a space continues
    // one.
    if (body.empty() && line.find(':') != std::string_view::npos) in_headers = true;
    if (in_headers) {
      if (line.empty())
        in_headers = false;
      else
        out.headers += std::string(line) + '\n';
    } else if (!line.empty()) {
      body.push_back(line);
      characters += line.size();
    }
  }
  return malformed(begin_line, "a block is not closed by its END line: the file may be cut off");
}

}  // namespace

bool looks_like_pem(Bytes text) noexcept {
  return as_text(text).find(begin_mark) != std::string_view::npos;
}

Result<std::vector<PemBlock>> decode_pem(Bytes text) {
  std::vector<PemBlock> out;
  std::string_view source = as_text(text);
  if (source.starts_with("\xef\xbb\xbf")) source.remove_prefix(3);  // the byte order mark of some editors
  Lines lines(source);
  std::string_view line;
  while (lines.next(line)) {
    const auto label = label_of(line, begin_mark);
    if (!label) continue;
    BULLA_TRY(PemBlock one, block(lines, *label));
    out.push_back(std::move(one));
  }
  return out;
}

SecretBytes encode_pem_secret(std::string_view label, Bytes content) {
  constexpr size_t line_bytes = 48;  // 64 characters (RFC 7468 §3)
  const size_t lines = (content.size() + line_bytes - 1) / line_bytes;
  const size_t frame = begin_mark.size() + end_mark.size() + 2 * (label.size() + dashes.size() + 1);
  SecretBytes out(frame + (content.size() + 2) / 3 * 4 + lines);
  size_t at = 0;
  const auto put = [&](std::string_view text) {
    std::copy(text.begin(), text.end(), out.writable().begin() + static_cast<ptrdiff_t>(at));
    at += text.size();
  };
  put(begin_mark), put(label), put(dashes), put("\n");
  for (; !content.empty(); content = content.subspan(std::min(line_bytes, content.size()))) {
    at += base64_encode(content.first(std::min(line_bytes, content.size())), out.writable().subspan(at));
    put("\n");
  }
  put(end_mark), put(label), put(dashes), put("\n");
  return out;
}

std::string encode_pem(std::string_view label, Bytes content) {
  return std::string(as_text(encode_pem_secret(label, content).reveal()));
}

}  // namespace bulla::asn1
