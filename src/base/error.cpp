#include <bulla/error.h>
#include <bulla/result.h>

#include <array>
#include <cstdio>

namespace bulla {
namespace {

constexpr ErrorRow rows[] = {
#define BULLA_ERROR(name, fault, alert, section, sentence, remedy) \
  {#name, Fault::fault, AlertDescription::alert, section, sentence, remedy},
#include <bulla/errors.def>
#undef BULLA_ERROR
};

/// The length of the UTF-8 sequence at the front of `text`, or 0 where it is none (RFC 3629 §4).
size_t utf8_length(std::string_view text) {
  const auto at = [&](size_t i) { return static_cast<uint8_t>(i < text.size() ? text[i] : 0); };
  const auto tail = [&](size_t i) { return (at(i) & 0xc0) == 0x80; };
  const uint8_t b = at(0);
  if (b < 0x80) return 1;
  if (b >= 0xc2 && b <= 0xdf) return tail(1) ? 2 : 0;
  if (b >= 0xe0 && b <= 0xef) {
    if ((b == 0xe0 && at(1) < 0xa0) || (b == 0xed && at(1) > 0x9f)) return 0;
    return tail(1) && tail(2) ? 3 : 0;
  }
  if (b >= 0xf0 && b <= 0xf4) {
    if ((b == 0xf0 && at(1) < 0x90) || (b == 0xf4 && at(1) > 0x8f)) return 0;
    return tail(1) && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

bool is_control(std::string_view sequence) {
  const auto b = static_cast<uint8_t>(sequence[0]);
  // C0, DEL, and the C1 block that terminals obey as well (U+0080 to U+009F).
  return b < 0x20 || b == 0x7f || (b == 0xc2 && static_cast<uint8_t>(sequence[1]) < 0xa0);
}

/// Characters that make a terminal show a line in another order, or as two: direction marks, embeddings,
/// overrides and isolates (U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069), and the line and
/// paragraph separators (U+2028, U+2029).
bool is_reordering(std::string_view sequence) noexcept {
  if (sequence == "\xd8\x9c") return true;
  if (sequence.size() != 3) return false;
  const auto last = static_cast<uint8_t>(sequence[2]);
  if (sequence.substr(0, 2) == "\xe2\x80")
    return last == 0x8e || last == 0x8f || (last >= 0xa8 && last <= 0xae);
  return sequence.substr(0, 2) == "\xe2\x81" && last >= 0xa6 && last <= 0xa9;
}

template <class Escape>
std::string escaped(std::string_view text, Escape&& escape) {
  std::string out;
  while (!text.empty()) {
    const size_t n = utf8_length(text);
    const std::string_view sequence = text.substr(0, n ? n : 1);
    escape(out, sequence, n != 0);
    text.remove_prefix(sequence.size());
  }
  return out;
}

}  // namespace

const ErrorRow& row_of(ErrorCode code) noexcept {
  return rows[static_cast<size_t>(code)];
}

const ErrorRow* all_error_rows(size_t& count) noexcept {
  count = std::size(rows);
  return rows;
}

std::string_view describe(Fault fault) noexcept {
  switch (fault) {
    case Fault::peer_sent_garbage: return "the peer sent garbage";
    case Fault::peer_broke_protocol: return "the peer broke the protocol";
    case Fault::peer_incompatible: return "the two sides have nothing in common";
    case Fault::certificate: return "a certificate or key is not acceptable";
    case Fault::transport: return "the network or the system";
    case Fault::api_misuse: return "the calling program";
    case Fault::internal: return "this library";
  }
  return "unknown";
}

AlertDescription Error::alert_to_send() const noexcept {
  return alert && code != ErrorCode::peer_sent_alert ? *alert : row().alert;
}

std::string Error::message() const {
  std::string out(row().sentence);
  if (!detail.empty()) out += ": " + detail;
  return out;
}

std::string_view Error::next_step() const noexcept {
  return remedy.empty() ? row().remedy : std::string_view(remedy);
}

std::string Error::explain() const {
  std::string out = message() + "\n  error:  " + std::string(row().name);
  out += "\n  fault:  " + std::string(describe(row().fault));
  if (!row().section.empty()) out += "\n  rule:   " + std::string(row().section);
  if (!next_step().empty()) out += "\n  remedy: " + std::string(next_step());
  return out;
}

std::string Error::to_json() const {
  const auto field = [](std::string_view name, std::string_view value) {
    return '"' + std::string(name) + "\":\"" + json_escaped(value) + '"';
  };
  return '{' + field("error", row().name) + ',' + field("fault", describe(row().fault)) + ',' +
         field("section", row().section) + ',' + field("message", row().sentence) + ',' +
         field("detail", detail) + ',' + field("remedy", next_step()) + '}';
}

BadResult::BadResult(Error error) : std::runtime_error(error.explain()), error_(std::move(error)) {}

void throw_bad_result(const Error& error) {
  throw BadResult(error);
}

std::string json_escaped(std::string_view text) {
  return escaped(text, [](std::string& out, std::string_view sequence, bool valid) {
    if (!valid) {
      out += "\\ufffd";
    } else if (sequence == "\"" || sequence == "\\") {
      out += '\\';
      out += sequence;
    } else if (is_control(sequence)) {
      const unsigned code =
          sequence.size() == 1 ? static_cast<uint8_t>(sequence[0]) : static_cast<uint8_t>(sequence[1]);
      char buffer[8];
      std::snprintf(buffer, sizeof buffer, "\\u%04x", code);
      out += buffer;
    } else {
      out += sequence;
    }
  });
}

std::string printable(std::string_view text) {
  return escaped(text, [](std::string& out, std::string_view sequence, bool valid) {
    if (valid && !is_control(sequence) && !is_reordering(sequence)) {
      out += sequence;
      return;
    }
    for (const char c : sequence) {
      char buffer[8];
      std::snprintf(buffer, sizeof buffer, "\\x%02x", static_cast<uint8_t>(c));
      out += buffer;
    }
  });
}

}  // namespace bulla
