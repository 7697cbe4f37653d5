#include "x509/name_constraints.h"

#include "x509/dns_name.h"
#include "x509/name.h"

#include <algorithm>

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

Match match_dns(std::string_view name, std::string_view base, List list) {
  if (!is_dns_pattern(name)) return Match::unclear;
  if (base.empty()) return Match::yes;
  const std::string_view bare = base.starts_with('.') ? base.substr(1) : base;
  if (why_no_dns_name(bare)) return Match::unclear;
  const bool wildcard = name.starts_with("*.");
  // Every name that the wildcard stands for is under `base` exactly if its parent is (or is `base` itself).
  if (is_under(name, base)) return Match::yes;
  if (!wildcard || list == List::permitted) return Match::no;
  // Excluded: the wildcard may stand for `base`, or with a leading dot for nothing below it.
  if (base.starts_with('.')) return Match::no;
  const size_t dot = bare.find('.');
  return from(dot != std::string_view::npos && equal_ignoring_case(bare.substr(dot), name.substr(1)));
}

Match match_email(std::string_view name, std::string_view base) {
  constexpr std::string_view atext = "!#$%&'*+-/=?^_`{|}~.";
  const size_t at = name.find('@');
  const auto plain = [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           atext.find(c) != std::string_view::npos;
  };
  // Quoted local parts (RFC 5321 §4.1.2) have many spellings of one mailbox: not compared.
  if (at == std::string_view::npos || at == 0 ||
      !std::all_of(name.begin(), name.begin() + static_cast<ptrdiff_t>(at), plain))
    return Match::unclear;
  const std::string_view host = name.substr(at + 1);
  if (why_no_dns_name(host)) return Match::unclear;
  if (const size_t base_at = base.find('@'); base_at != std::string_view::npos) {
    if (base_at == 0 || why_no_dns_name(base.substr(base_at + 1))) return Match::unclear;
    return from(name.substr(0, at) == base.substr(0, base_at) &&
                equal_ignoring_case(host, base.substr(base_at + 1)));
  }
  if (base.empty()) return Match::yes;
  const bool below = base.starts_with('.');
  if (why_no_dns_name(below ? base.substr(1) : base)) return Match::unclear;
  return from(below ? is_under(host, base) : equal_ignoring_case(host, base));
}

/// The host of scheme://user@host:port/path; nothing where there is none, or it is an address.
std::optional<std::string_view> host_of_uri(std::string_view uri) {
  const size_t colon = uri.find("://");
  if (colon == std::string_view::npos) return {};
  std::string_view authority = uri.substr(colon + 3);
  authority = authority.substr(0, authority.find_first_of("/?#"));
  if (const size_t at = authority.rfind('@'); at != std::string_view::npos) authority.remove_prefix(at + 1);
  if (const size_t port = authority.find(':'); port != std::string_view::npos)
    authority = authority.substr(0, port);
  if (why_no_dns_name(authority)) return {};
  return authority;
}

Match match_uri(std::string_view name, std::string_view base) {
  const auto host = host_of_uri(name);
  if (!host) return Match::unclear;  // RFC 5280 §4.2.1.10: such a certificate MUST be refused
  if (base.empty()) return Match::yes;
  const bool below = base.starts_with('.');
  if (why_no_dns_name(below ? base.substr(1) : base)) return Match::unclear;
  return from(below ? is_under(*host, base) : equal_ignoring_case(*host, base));
}

Match match_ip(Bytes address, Bytes base) {
  if (base.size() != 2 * address.size()) return Match::no;
  for (size_t i = 0; i < address.size(); ++i)
    if ((address[i] ^ base[i]) & base[address.size() + i]) return Match::no;
  return Match::yes;
}

Match match_directory(Bytes name_der, Bytes base_der) {
  const auto name = parse_name(name_der), base = parse_name(base_der);
  if (!name || !base) return Match::unclear;
  if (base->size() > name->size()) return Match::no;
  for (size_t i = 0; i < base->size(); ++i) {
    const auto a = canonical_rdn((*name)[i]), b = canonical_rdn((*base)[i]);
    if (!a || !b) return Match::unclear;
    if (*a != *b) return Match::no;
  }
  return Match::yes;
}

Match match(const GeneralName& name, const GeneralName& base, List list) {
  switch (name.kind) {
    case GeneralNameKind::dns: return match_dns(as_text(name.value), as_text(base.value), list);
    case GeneralNameKind::email: return match_email(as_text(name.value), as_text(base.value));
    case GeneralNameKind::uri: return match_uri(as_text(name.value), as_text(base.value));
    case GeneralNameKind::ip: return match_ip(name.value, base.value);
    case GeneralNameKind::directory: return match_directory(name.value, base.value);
    case GeneralNameKind::other:
    case GeneralNameKind::x400:
    case GeneralNameKind::edi_party:
    case GeneralNameKind::registered_id: break;
  }
  return Match::unclear;
}

/// A comparison of directory names parses and folds two names: dearer than the others.
size_t price(GeneralNameKind kind) {
  return kind == GeneralNameKind::directory ? 16 : 1;
}

std::string shown(const GeneralName& name) {
  return print_general_name(name).substr(0, 200);
}

std::optional<ConstraintFailure> check_name(const NameConstraints& constraints, const GeneralName& name,
                                            ConstraintBudget& budget) {
  bool any_permitted = false, permitted = false;
  const GeneralName* example = nullptr;
  for (const List list : {List::excluded, List::permitted}) {
    for (const GeneralName& base : list == List::excluded ? constraints.excluded : constraints.permitted) {
      if (base.kind != name.kind) continue;
      if (budget.comparisons < price(name.kind))
        return ConstraintFailure{ConstraintProblem::budget_exhausted};
      budget.comparisons -= price(name.kind);
      const Match result = match(name, base, list);
      if (result == Match::unclear)
        return ConstraintFailure{ConstraintProblem::violated,
                                 shown(name) + " cannot be compared with the constraint " + shown(base)};
      if (list == List::excluded && result == Match::yes)
        return ConstraintFailure{ConstraintProblem::violated, shown(name) + " is excluded by " + shown(base)};
      if (list == List::permitted) {
        any_permitted = true;
        permitted = permitted || result == Match::yes;
        if (!example) example = &base;
      }
    }
  }
  if (!any_permitted || permitted) return {};
  return ConstraintFailure{
      ConstraintProblem::violated,
      shown(name) + " is under none of the permitted names (" + shown(*example) + " ...)"};
}

}  // namespace

std::optional<ConstraintFailure> check_names(const NameConstraints& constraints,
                                             const ParsedCertificate& certificate, ConstraintBudget& budget) {
  if (!is_empty_name(certificate.subject)) {
    if (auto failure = check_name(constraints, {GeneralNameKind::directory, certificate.subject}, budget))
      return failure;
    // RFC 5280 §4.2.1.10: rfc822Name constraints hold for emailAddress attributes too. They are applied
    // whether or not there is a subjectAltName, since programs read the attribute either way.
    const auto rdns = parse_name(certificate.subject);
    for (const Rdn& rdn : rdns ? *rdns : Rdns{})
      for (const Attribute& attribute : rdn)
        if (asn1::oids::email_address == attribute.type)
          if (auto failure = check_name(constraints, {GeneralNameKind::email, attribute.value}, budget))
            return failure;
  }
  if (!certificate.extensions.subject_alt_name) return {};
  for (const GeneralName& name : *certificate.extensions.subject_alt_name)
    if (auto failure = check_name(constraints, name, budget)) return failure;
  return {};
}

}  // namespace bulla::x509
