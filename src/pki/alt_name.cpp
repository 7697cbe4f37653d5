// The names that certificates are made for, as a user types them.
#include <bulla/pki.h>

#include <algorithm>

namespace bulla::pki {
namespace {

/// As in a file of configuration gone wrong; no certificate needs more.
constexpr size_t max_names = 1000;

Error bad(std::string_view text, std::string_view why) {
  return {ErrorCode::bad_name, '"' + printable(text.substr(0, 260)) + "\" " + std::string(why)};
}

}  // namespace

Result<AltName> AltName::parse(std::string_view text) {
  const bool wildcard = text.starts_with("*.");
  const std::string_view rest = wildcard ? text.substr(2) : text;
  auto name = ServerName::parse(rest);
  if (!name) {
    Error error = std::move(name).error();
    return Error{ErrorCode::bad_name, std::move(error.detail)};
  }
  AltName out;
  if (name->kind() == ServerName::Kind::ip) {
    if (wildcard) return bad(text, "is a wildcard of an address, which does not exist");
    out.kind_ = Kind::ip;
    out.address_.assign(name->address().begin(), name->address().end());
    out.text_ = name->text();
    return out;
  }
  // RFC 9525 §6.3, and what browsers accept: "*.com" would speak for everybody, so nobody takes it.
  if (wildcard && name->text().find('.') == std::string::npos)
    return bad(text, "is too wide: a wildcard stands below a domain of at least two labels");
  out.text_ = (wildcard ? "*." : "") + name->text();
  if (out.text_.size() > 253) return bad(text, "is longer than 253 characters");
  return out;
}

Result<AltName> AltName::parse_mailbox(std::string_view text) {
  // RFC 5321 §4.1.2: a Dot-string. Quoted local parts have many spellings, and nobody's mailbox needs them.
  constexpr std::string_view atext = "!#$%&'*+-/=?^_`{|}~";
  const size_t at = text.rfind('@');
  if (at == std::string_view::npos || at == 0)
    return bad(text, "is no mailbox: write it as person@example.com");
  const std::string_view local = text.substr(0, at);
  if (local.size() > 64) return bad(text, "has more than 64 characters before the @");
  if (local.front() == '.' || local.back() == '.' || local.find("..") != std::string_view::npos)
    return bad(text, "has a dot at an end of its local part, or two in a row");
  for (const char c : local)
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
          atext.find(c) != std::string_view::npos))
      return bad(text, "has a character before the @ that only quoted or international mailboxes have");
  const auto host = ServerName::parse(text.substr(at + 1));
  if (!host || host->kind() != ServerName::Kind::dns) return bad(text, "has no DNS name behind the @");
  AltName out;
  out.kind_ = Kind::mailbox;
  out.text_ = std::string(local) + '@' + host->text();
  return out;
}

Result<std::vector<AltName>> parse_names(std::span<const std::string> names) {
  if (names.empty()) return Error{ErrorCode::bad_name, "there is no name"};
  if (names.size() > max_names)
    return Error{ErrorCode::bad_name, "there are more than " + std::to_string(max_names) + " names"};
  std::vector<AltName> out;
  for (const std::string& text : names) {
    BULLA_TRY(AltName name, AltName::parse(text));
    if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(std::move(name));
  }
  return out;
}

std::string file_stem(std::string_view name) {
  std::string out;
  if (name.starts_with("*.")) {
    out = "wildcard";
    name.remove_prefix(1);
  }
  for (const char c : name) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    // No file is hidden or taken for an option, and none leads to another folder.
    const bool inside = !out.empty() && c == '.';
    out += (plain && !(out.empty() && c == '-')) || inside ? c : '_';
  }
  if (out.size() > 200) out.resize(200);  // file systems allow 255, and an ending follows
  return out.empty() ? "_" : out;
}

}  // namespace bulla::pki
