#include "x509/name_constraints.h"

#include "x509/dns_name.h"
#include "x509/evidence.h"
#include "x509/name.h"

#include <algorithm>
#include <array>

namespace bulla::x509 {
namespace {

/// `unclear`: a name or constraint is malformed, so that neither answer is safe.
enum class Match : uint8_t { no, yes, unclear };
enum class List : uint8_t { permitted, excluded };

Match from(bool yes) {
  return yes ? Match::yes : Match::no;
}

bool ends_with_ignoring_case(std::string_view text, std::string_view tail) {
  return text.size() >= tail.size() && equal_ignoring_case(text.substr(text.size() - tail.size()), tail);
}

/// `host` is `base` or below it; a base that starts with a dot means only what is below.
bool is_under(std::string_view host, std::string_view base) {
  if (base.starts_with('.')) return host.size() > base.size() && ends_with_ignoring_case(host, base);
  if (host.size() == base.size()) return equal_ignoring_case(host, base);
  return host.size() > base.size() && host[host.size() - base.size() - 1] == '.' &&
         ends_with_ignoring_case(host, base);
}

/// A name or constraint made ready for many comparisons: what is malformed is found once, not each time.
struct Prepared {
  const GeneralName* name = nullptr;
  bool unclear = false;
  std::string_view text = {};  ///< dns, email; of a URI its host, of a constraint on URIs the constraint
  std::vector<std::string> rdns = {};  ///< directory, canonical
};

enum class Role : uint8_t { name, constraint };

bool is_host_constraint(std::string_view text) {
  return text.empty() || !why_no_dns_name(text.starts_with('.') ? text.substr(1) : text);
}

/// local@host with a plain local part: quoted ones (RFC 5321 §4.1.2) have many spellings and are not
/// compared.
bool is_mailbox(std::string_view text) {
  constexpr std::string_view atext = "!#$%&'*+-/=?^_`{|}~.";
  const size_t at = text.find('@');
  if (at == std::string_view::npos || at == 0 || why_no_dns_name(text.substr(at + 1))) return false;
  return std::all_of(text.begin(), text.begin() + static_cast<ptrdiff_t>(at), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           static_cast<uint8_t>(c) >= 0x80 || atext.find(c) != std::string_view::npos;
  });
}

/// What no URI has (RFC 3986 §2), and what programs read in different ways: a backslash is a slash to
/// browsers.
bool is_uri_text(std::string_view uri) {
  constexpr std::string_view never = "\\\"<>^`{|}";
  return std::all_of(uri.begin(), uri.end(),
                     [&](char c) { return c > ' ' && c < 0x7f && never.find(c) == std::string_view::npos; });
}

/// RFC 3986 §3.1. Without it "https:evil.test/://host.test" would have a host, and programs read another one.
bool is_scheme(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !text.empty() && is_letter(text[0]) && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
  });
}

/// The host of scheme://user@host:port/path; empty where there is none, or it is an address.
std::string_view host_of_uri(std::string_view uri) {
  if (!is_uri_text(uri)) return {};
  const size_t colon = uri.find("://");
  if (colon == std::string_view::npos || !is_scheme(uri.substr(0, colon))) return {};
  std::string_view authority = uri.substr(colon + 3);
  authority = authority.substr(0, authority.find_first_of("/?#"));
  if (const size_t at = authority.rfind('@'); at != std::string_view::npos) authority.remove_prefix(at + 1);
  authority = authority.substr(0, authority.find(':'));
  return why_no_dns_name(authority) ? std::string_view() : authority;
}

Prepared prepare(const GeneralName& name, Role role) {
  Prepared out{.name = &name, .text = as_text(name.value)};
  const bool constraint = role == Role::constraint;
  switch (name.kind) {
    case GeneralNameKind::dns:
      out.unclear = constraint ? !is_host_constraint(out.text) : !is_dns_pattern(out.text);
      break;
    case GeneralNameKind::email:
      out.unclear = !is_mailbox(out.text) && !(constraint && is_host_constraint(out.text));
      break;
    case GeneralNameKind::uri:
      // RFC 5280 §4.2.1.10: a URI without a host name MUST be refused under a constraint on URIs.
      if (!constraint) out.text = host_of_uri(out.text);
      out.unclear = constraint ? !is_host_constraint(out.text) : out.text.empty();
      break;
    case GeneralNameKind::directory: {
      const auto rdns = parse_name(name.value);
      out.unclear = !rdns;
      for (const Rdn& rdn : rdns ? *rdns : Rdns{}) {
        auto canonical = canonical_rdn(rdn);
        out.unclear = out.unclear || !canonical;
        out.rdns.push_back(std::move(canonical).value_or(""));
      }
      break;
    }
    case GeneralNameKind::ip: break;
    case GeneralNameKind::other:
    case GeneralNameKind::x400:
    case GeneralNameKind::edi_party:
    case GeneralNameKind::registered_id: out.unclear = true;
  }
  return out;
}

Match match_dns(std::string_view name, std::string_view base, List list) {
  // Every name that a wildcard stands for is under `base` exactly if the wildcard, read as a name, is.
  if (base.empty() || is_under(name, base)) return Match::yes;
  if (!name.starts_with("*.") || list == List::permitted || base.starts_with('.')) return Match::no;
  // Excluded: the wildcard may stand for `base` itself.
  const size_t dot = base.find('.');
  return from(dot != std::string_view::npos && equal_ignoring_case(base.substr(dot), name.substr(1)));
}

/// A whole mailbox (its local part has case), a host, or with a leading dot the hosts of a domain.
Match match_email(std::string_view name, std::string_view base) {
  const size_t at = name.find('@'), base_at = base.find('@');
  const std::string_view host = name.substr(at + 1);
  if (base_at != std::string_view::npos)
    return from(name.substr(0, at) == base.substr(0, base_at) &&
                equal_ignoring_case(host, base.substr(base_at + 1)));
  return from(base.empty() ||
              (base.starts_with('.') ? is_under(host, base) : equal_ignoring_case(host, base)));
}

Match match_host(std::string_view host, std::string_view base) {
  return from(base.empty() ||
              (base.starts_with('.') ? is_under(host, base) : equal_ignoring_case(host, base)));
}

Match match_ip(Bytes address, Bytes base, List list) {
  // ::ffff:192.0.2.1 is 192.0.2.1 to a socket (RFC 4291 §2.5.5.2), so what excludes the one excludes the
  // other.
  constexpr uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (list == List::excluded && base.size() == 8 && address.size() == 16 &&
      equal_vartime(address.first(12), mapped))
    address = address.subspan(12);
  if (base.size() != 2 * address.size()) return Match::no;
  for (size_t i = 0; i < address.size(); ++i)
    if ((address[i] ^ base[i]) & base[address.size() + i]) return Match::no;
  return Match::yes;
}

Match match_directory(const std::vector<std::string>& name, const std::vector<std::string>& base) {
  return from(base.size() <= name.size() && std::equal(base.begin(), base.end(), name.begin()));
}

Match match(const Prepared& name, const Prepared& base, List list) {
  if (name.unclear || base.unclear) return Match::unclear;
  switch (name.name->kind) {
    case GeneralNameKind::dns: return match_dns(name.text, base.text, list);
    case GeneralNameKind::email: return match_email(name.text, base.text);
    case GeneralNameKind::uri: return match_host(name.text, base.text);
    case GeneralNameKind::ip: return match_ip(name.name->value, base.name->value, list);
    case GeneralNameKind::directory: return match_directory(name.rdns, base.rdns);
    case GeneralNameKind::other:
    case GeneralNameKind::x400:
    case GeneralNameKind::edi_party:
    case GeneralNameKind::registered_id: break;
  }
  return Match::unclear;
}

struct PreparedConstraints {
  std::vector<Prepared> permitted = {}, excluded = {};
};

std::optional<ConstraintFailure> check_name(const PreparedConstraints& constraints,
                                            const GeneralName& plain) {
  const Prepared name = prepare(plain, Role::name);
  bool permitted = false;
  const GeneralName* example = nullptr;
  for (const List list : {List::excluded, List::permitted}) {
    for (const Prepared& base : list == List::excluded ? constraints.excluded : constraints.permitted) {
      if (base.name->kind != plain.kind) continue;
      const Match result = match(name, base, list);
      if (result == Match::unclear)
        return ConstraintFailure{ConstraintProblem::not_comparable, plain, *base.name};
      if (list == List::excluded && result == Match::yes)
        return ConstraintFailure{ConstraintProblem::excluded, plain, *base.name};
      if (list == List::excluded) continue;
      permitted = permitted || result == Match::yes;
      if (!example) example = base.name;
    }
  }
  if (!example || permitted) return {};
  return ConstraintFailure{ConstraintProblem::not_permitted, plain, *example};
}

/// Everything of the certificate that constraints speak of.
std::vector<GeneralName> names_of(const ParsedCertificate& certificate) {
  std::vector<GeneralName> out;
  if (!is_empty_name(certificate.subject)) out.push_back({GeneralNameKind::directory, certificate.subject});
  // RFC 5280 §4.2.1.10: rfc822Name constraints hold for emailAddress attributes too. They are applied whether
  // or not there is a subjectAltName, since programs read the attribute either way.
  const auto rdns = parse_name(certificate.subject);
  for (const Rdn& rdn : rdns ? *rdns : Rdns{})
    for (const Attribute& attribute : rdn)
      if (asn1::oids::email_address == attribute.type)
        out.push_back({GeneralNameKind::email, attribute.value});
  if (!certificate.extensions.subject_alt_name) return out;
  for (const GeneralName& name : *certificate.extensions.subject_alt_name) {
    out.push_back(name);
    if (name.kind != GeneralNameKind::other) continue;
    // RFC 9598 §6: an SmtpUTF8Mailbox is under the constraints on mailboxes.
    asn1::DerReader other(name.value);
    if (!(asn1::oids::smtp_utf8_mailbox == other.oid())) continue;
    Bytes mailbox;
    other.explicit_tag(0, [&](asn1::DerReader& r) { mailbox = r.content(asn1::tag::utf8_string); });
    out.push_back({GeneralNameKind::email, mailbox});
  }
  return out;
}

/// What there is to make ready, where nothing is compared in the end too.
size_t octets_of(const NameConstraints& constraints, const ParsedCertificate& certificate) {
  size_t out = certificate.subject.size();
  const auto add = [&](const std::vector<GeneralName>& names) {
    for (const GeneralName& name : names) out += 1 + name.value.size();
  };
  add(constraints.permitted);
  add(constraints.excluded);
  if (certificate.extensions.subject_alt_name) add(*certificate.extensions.subject_alt_name);
  return out;
}

}  // namespace

std::string describe(const ConstraintFailure& failure) {
  const auto shown = [](const GeneralName& name) { return shortened(print_general_name(name), 200); };
  const std::string name = shown(failure.name), constraint = shown(failure.constraint);
  switch (failure.problem) {
    case ConstraintProblem::excluded: return name + " is excluded by " + constraint;
    case ConstraintProblem::not_permitted:
      return name + " is under none of the permitted names (" + constraint + " ...)";
    case ConstraintProblem::not_comparable:
      return name + " cannot be compared with the constraint " + constraint;
    case ConstraintProblem::budget_exhausted: break;
  }
  return "too many names, name constraints and policies to compare";
}

std::optional<ConstraintFailure> check_names(const NameConstraints& constraints,
                                             const ParsedCertificate& certificate, ConstraintBudget& budget) {
  if (!budget.spend(octets_of(constraints, certificate)))
    return ConstraintFailure{ConstraintProblem::budget_exhausted};
  const std::vector<GeneralName> names = names_of(certificate);
  size_t comparisons = 0;
  std::array<size_t, 9> of_kind{};
  for (const GeneralName& name : names) ++of_kind[static_cast<size_t>(name.kind)];
  for (const auto* list : {&constraints.permitted, &constraints.excluded})
    for (const GeneralName& base : *list) comparisons += of_kind[static_cast<size_t>(base.kind)];
  if (comparisons > max_comparisons_per_certificate || !budget.spend(comparisons))
    return ConstraintFailure{ConstraintProblem::budget_exhausted};
  PreparedConstraints prepared;
  for (const GeneralName& base : constraints.permitted)
    prepared.permitted.push_back(prepare(base, Role::constraint));
  for (const GeneralName& base : constraints.excluded)
    prepared.excluded.push_back(prepare(base, Role::constraint));
  for (const GeneralName& name : names)
    if (auto failure = check_name(prepared, name)) return failure;
  return {};
}

}  // namespace bulla::x509
