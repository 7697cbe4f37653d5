#include "pki/profile.h"

#include "pki/certificate_writer.h"
#include "x509/dns_name.h"
#include "x509/ip_address.h"

#include <algorithm>
#include <charconv>

namespace bulla::pki {
namespace {

/// Verifiers bound the work that constraints make; nobody confines a CA to more.
constexpr size_t max_subtrees = 1000;

Error bad_subtree(std::string_view text, std::string_view why) {
  return {ErrorCode::bad_name, '"' + printable(text.substr(0, 260)) + "\" " + std::string(why),
          "a CA is confined to domains (example.com), addresses (10.0.0.0/8) and mailboxes (@example.com)"};
}

/// Address and mask (RFC 5280 §4.2.1.10), as many one bits as `prefix` says.
std::vector<uint8_t> address_and_mask(Bytes address, size_t prefix) {
  std::vector<uint8_t> out = to_vector(address);
  for (size_t i = 0; i < address.size(); ++i) {
    const size_t ones = std::min<size_t>(8, prefix - std::min(prefix, 8 * i));
    out.push_back(static_cast<uint8_t>(0xff00u >> ones));
  }
  return out;
}

struct Network {
  std::vector<uint8_t> address = {};
  size_t prefix = 0;
};

/// "10.0.0.0/8" or one address; nothing where `text` is neither.
std::optional<Network> parse_network(std::string_view text) {
  const size_t slash = text.find('/');
  auto address = x509::parse_ip_address(text.substr(0, slash));
  if (!address) return {};
  Network out = {.address = *std::move(address)};
  out.prefix = 8 * out.address.size();
  if (slash == std::string_view::npos) return out;
  const std::string_view digits = text.substr(slash + 1);
  const size_t most = out.prefix;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out.prefix);
  const bool whole = error == std::errc{} && end == digits.data() + digits.size() && digits.front() != '+';
  if (!whole || out.prefix > most) return {};
  return out;
}

bool is_url_character(char c) {
  constexpr std::string_view never = "\\\"<>^`{|}";  // RFC 3986 §2
  return c > ' ' && c < 0x7f && never.find(c) == std::string_view::npos;
}

/// "http://host[:port][/path]" with a host that exists.
bool is_http_url(std::string_view url) {
  constexpr std::string_view scheme = "http://";
  if (!url.starts_with(scheme) || !std::all_of(url.begin(), url.end(), is_url_character)) return false;
  std::string_view host = url.substr(scheme.size());
  host = host.substr(0, host.find_first_of("/?#"));
  if (host.find('@') != std::string_view::npos) return false;
  if (const size_t colon = host.rfind(':'); colon != std::string_view::npos && !host.ends_with(']')) {
    const std::string_view port = host.substr(colon + 1);
    const bool digits = !port.empty() && port.size() <= 5 &&
                        std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!digits) return false;
    host = host.substr(0, colon);
  }
  return ServerName::parse(host).ok();
}

Result<void> check_url(std::string_view what, std::string_view url) {
  if (url.empty() || (url.size() <= 1000 && is_http_url(url))) return {};
  Error error = {ErrorCode::bad_argument,
                 "the " + std::string(what) + " \"" + printable(url.substr(0, 260)) + "\" is no http:// URL"};
  // RFC 5280 §8: to fetch it, a verifier would first have to verify a certificate, perhaps this one.
  error.remedy = url.starts_with("https:") ? "write http://: what lies there is signed, and a verifier could "
                                             "not verify the server without it"
                                           : "write it as http://host/path";
  return error;
}

}  // namespace

Result<Subtree> Subtree::parse(std::string_view text) {
  Subtree out;
  if (const size_t at = text.find('@'); at != std::string_view::npos) {
    // A constraint on mailboxes is a host or a whole mailbox: RFC 5280 §4.2.1.10.
    auto mailbox = AltName::parse_mailbox(at == 0 ? "x" + std::string(text) : std::string(text));
    if (!mailbox) return bad_subtree(text, "is neither a mailbox nor a host behind an @");
    out.kind_ = Kind::mailbox;
    out.text_ = at == 0 ? mailbox->text().substr(1) : mailbox->text();
    out.base_ = to_vector(as_bytes(at == 0 ? std::string_view(out.text_).substr(1) : out.text_));
    return out;
  }
  if (const auto network = parse_network(text)) {
    out.kind_ = Kind::ip;
    out.base_ = address_and_mask(network->address, network->prefix);
    const size_t size = network->address.size();
    for (size_t i = 0; i < size; ++i)
      if (out.base_[i] & ~out.base_[size + i])
        return bad_subtree(text, "has bits behind its prefix of " + std::to_string(network->prefix));
    out.text_ = x509::format_ip_address(network->address) + '/' + std::to_string(network->prefix);
    return out;
  }
  if (text.starts_with('.') || text.starts_with("*."))
    return bad_subtree(text, "begins with a dot or a star: a domain stands for all that is below it anyway");
  const auto name = ServerName::parse(text);
  if (!name || name->kind() != ServerName::Kind::dns)
    return bad_subtree(text, "is neither a domain nor a range of addresses nor a mailbox");
  out.text_ = name->text();
  out.base_ = to_vector(as_bytes(out.text_));
  return out;
}

Result<std::vector<Subtree>> parse_subtrees(const std::vector<std::string>& texts) {
  if (texts.size() > max_subtrees)
    return Error{ErrorCode::bad_name,
                 "a CA is confined to more than " + std::to_string(max_subtrees) + " subtrees"};
  std::vector<Subtree> out;
  for (const std::string& text : texts) {
    BULLA_TRY(Subtree subtree, Subtree::parse(text));
    if (std::find(out.begin(), out.end(), subtree) == out.end()) out.push_back(std::move(subtree));
  }
  return out;
}

Result<void> check_common_name(std::string_view name, std::string_view whose) {
  const bool printable_text = !name.empty() && name.size() <= 64 && printable(name) == name &&
                              name.front() != ' ' && name.back() != ' ';
  if (printable_text) return {};
  return Error{ErrorCode::bad_name,
               std::string(whose) +
                   " has 1 to 64 bytes of UTF-8 without control characters, and no blank "
                   "at its ends"};
}

Result<CheckedSubject> check_subject(const Subject& subject, CertificateUse use) {
  const bool client_only = use == CertificateUse::client;
  CheckedSubject out;
  std::vector<std::string> hosts, mailboxes;
  for (const std::string& name : subject.names)
    (name.find('@') == std::string::npos ? hosts : mailboxes).push_back(name);
  if (!mailboxes.empty() && !client_only)
    return Error{ErrorCode::bad_name, '"' + printable(mailboxes.front().substr(0, 260)) + "\" is a mailbox",
                 "mailboxes go into certificates of clients alone"};
  const bool is_person = client_only && (!mailboxes.empty() || !subject.common_name.empty());
  if (!hosts.empty() || !is_person) {
    BULLA_TRY(out.alt_names, parse_names(hosts));
  }
  for (const std::string& text : mailboxes) {
    BULLA_TRY(AltName mailbox, AltName::parse_mailbox(text));
    if (std::find(out.alt_names.begin(), out.alt_names.end(), mailbox) == out.alt_names.end())
      out.alt_names.push_back(std::move(mailbox));
  }
  if (!subject.common_name.empty()) {
    BULLA_TRY(check_common_name(subject.common_name, "a common name"));
  }
  out.name = common_name(subject.common_name.empty() ? out.alt_names.front().text() : subject.common_name);
  return out;
}

Result<void> check_urls(const Terms& terms) {
  BULLA_TRY(check_url("CRL's URL", terms.crl_url));
  return check_url("OCSP responder's URL", terms.ocsp_url);
}

}  // namespace bulla::pki
