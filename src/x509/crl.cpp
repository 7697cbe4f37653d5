#include "x509/crl.h"

#include "x509/extensions.h"
#include "x509/name.h"
#include "x509/signed.h"

#include <algorithm>

namespace bulla::x509 {
namespace {

using namespace asn1;

/// The largest public lists have some 30 MiB.
constexpr size_t max_list = 64u << 20;

/// The element at `offset`, which was read before.
DerReader entry_at(const std::vector<uint8_t>& der, uint32_t offset) noexcept {
  return DerReader(DerReader(Bytes(der).subspan(offset)).content(tag::sequence));
}

Bytes serial_at(const std::vector<uint8_t>& der, uint32_t offset) noexcept {
  return entry_at(der, offset).content(tag::integer);
}

bool less(Bytes a, Bytes b) noexcept {
  if (a.size() != b.size()) return a.size() < b.size();
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
}

void report(ParsedRevocationList& out, ListProblem problem, Bytes oid) {
  if (out.problem != ListProblem::none) return;
  out.problem = problem;
  out.unknown_critical = oid;
}

/// Extensions of an entry (RFC 5280 §5.3). `list` learns what keeps it from being used; nullptr where that is
/// known.
void read_entry_extension(const Extension& extension, DerReader& outer, ListEntry& entry,
                          ParsedRevocationList* list) {
  DerReader r(extension.value);
  if (oids::crl_reason == extension.oid) {
    const uint64_t reason = r.small_integer(tag::enumerated, 10);
    if (reason == 7) r.fail("a reason that is none");
    entry.reason = static_cast<RevocationReason>(reason);
  } else if (oids::invalidity_date == extension.oid) {
    if (!r.next_is(tag::generalized_time)) r.fail("an invalidityDate is no GeneralizedTime");
    entry.invalid_since = r.time();
  } else if (oids::certificate_issuer == extension.oid) {
    read_general_names(r, tag::sequence);
    if (list) report(*list, ListProblem::indirect, {});
  } else {
    if (extension.critical && list) report(*list, ListProblem::unknown_critical_entry, extension.oid);
    return;
  }
  if (!r.done()) outer.fail(r.why());
}

/// SEQUENCE { userCertificate, revocationDate, crlEntryExtensions OPTIONAL }, from within.
ListEntry read_entry(DerReader& r, ParsedRevocationList* list, std::vector<Extension>& scratch) {
  ListEntry entry;
  entry.serial = r.integer();
  entry.revoked_at = r.time();
  if (!r.more()) return entry;
  if (list && list->version < 2) r.fail("a v1 list has an entry with extensions");
  read_extension_list(r, scratch);
  for (const Extension& extension : scratch) read_entry_extension(extension, r, entry, list);
  return entry;
}

void read_entries(DerReader& r, ParsedRevocationList& out) {
  std::vector<Extension> scratch;
  r.sequence([&](DerReader& r) {
    // RFC 5280 §5.1.2.6: where nothing is revoked, the list is absent.
    if (!r.more()) r.fail("the list of revoked certificates is empty instead of absent");
    while (r.more()) {
      const Element whole = r.element(tag::sequence);
      if (!r.ok()) return;
      out.by_serial.push_back(static_cast<uint32_t>(whole.whole.data() - out.der.data()));
      DerReader inner(whole.content);
      read_entry(inner, &out, scratch);
      if (!inner.done()) r.fail(inner.why());
    }
  });
}

void read_authority_key_id(DerReader& r, ParsedRevocationList& out) {
  r.sequence([&](DerReader& r) {
    if (r.next_is(tag::context(0))) out.authority_key_id = r.content(tag::context(0));
    r.rest();  // issuer and serial number of the key: a hint that nobody needs
  });
}

void read_number(DerReader& r, ParsedRevocationList& out) {
  const Bytes number = r.integer();
  if (r.ok() && (number[0] & 0x80)) r.fail("the CRL number is negative");
  out.number = number;
}

void read_delta_indicator(DerReader& r, ParsedRevocationList& out) {
  r.integer();
  report(out, ListProblem::delta, {});
}

void read_distribution_point(DerReader& r, ParsedRevocationList& out) {
  out.distribution_point = read_issuing_distribution_point(r);
  if (out.distribution_point->indirect) report(out, ListProblem::indirect, {});
  if (out.distribution_point->scope == ListScope::attribute_certificates)
    report(out, ListProblem::attribute_certificates, {});
}

struct KnownExtension {
  Oid oid;
  void (*read)(DerReader&, ParsedRevocationList&);
};
// RFC 5280 §5.2
constexpr KnownExtension known_extensions[] = {
    {oids::authority_key_identifier, read_authority_key_id},
    {oids::crl_number, read_number},
    {oids::delta_crl_indicator, read_delta_indicator},
    {oids::issuing_distribution_point, read_distribution_point},
};

void read_list_extension(DerReader& outer, const Extension& extension, ParsedRevocationList& out) {
  for (const KnownExtension& known : known_extensions) {
    if (!(known.oid == extension.oid)) continue;
    DerReader r(extension.value);
    known.read(r, out);
    if (!r.done()) outer.fail(r.why());
    return;
  }
  if (extension.critical) report(out, ListProblem::unknown_critical, extension.oid);
}

/// version INTEGER OPTIONAL: absent for v1, and 1 for v2 (RFC 5280 §5.1.2.1).
void read_version(DerReader& r, ParsedRevocationList& out) {
  if (!r.next_is(tag::integer)) return;
  if (r.small_integer(1) != 1) r.fail("the version is none that exists");
  out.version = 2;
}

void read_tbs(DerReader& r, ParsedRevocationList& out, AlgorithmIdentifier& inner_signature) {
  read_version(r, out);
  inner_signature = read_algorithm(r);
  out.issuer = r.element(tag::sequence).whole;
  if (r.ok() && !parse_name(out.issuer)) r.fail("the name of the issuer is malformed");
  if (r.ok() && is_empty_name(out.issuer)) r.fail("the issuer has no name");  // RFC 5280 §5.1.2.3
  out.this_update = r.time();
  if (r.next_is(tag::utc_time) || r.next_is(tag::generalized_time)) out.next_update = r.time();
  if (r.next_is(tag::sequence)) read_entries(r, out);
  if (!r.next_is(tag::context_constructed(0))) return;
  if (out.version < 2) r.fail("a v1 list has extensions");
  r.explicit_tag(0, [&](DerReader& r) {
    std::vector<Extension> extensions;
    read_extension_list(r, extensions);
    for (const Extension& extension : extensions) read_list_extension(r, extension, out);
  });
}

}  // namespace

ListEntry ParsedRevocationList::entry(size_t index) const {
  std::vector<Extension> scratch;
  DerReader r = entry_at(der, by_serial[index]);
  return read_entry(r, nullptr, scratch);
}

std::optional<ListEntry> ParsedRevocationList::find(Bytes serial) const {
  const auto at = std::lower_bound(by_serial.begin(), by_serial.end(), serial,
                                   [&](uint32_t a, Bytes b) { return less(serial_at(der, a), b); });
  if (at == by_serial.end() || !equal_vartime(serial_at(der, *at), serial)) return {};
  return entry(static_cast<size_t>(at - by_serial.begin()));
}

Result<std::unique_ptr<const ParsedRevocationList>> parse_revocation_list(Bytes der) {
  if (der.size() > max_list) return Error{ErrorCode::revocation_list_malformed, "it is larger than 64 MiB"};
  auto out = std::make_unique<ParsedRevocationList>();
  out->der = to_vector(der);
  DerReader r{Bytes(out->der)};
  read_signed(r, *out, read_tbs);
  if (!r.done()) return Error{ErrorCode::revocation_list_malformed, r.why()};
  std::sort(out->by_serial.begin(), out->by_serial.end(), [&](uint32_t a, uint32_t b) {
    const Bytes left = serial_at(out->der, a), right = serial_at(out->der, b);
    return less(left, right) || (!less(right, left) && a < b);
  });
  return std::unique_ptr<const ParsedRevocationList>(std::move(out));
}

std::string explain_problem(const ParsedRevocationList& list) {
  switch (list.problem) {
    case ListProblem::none: break;
    case ListProblem::delta: return "it is a delta list, and only complete lists are used";
    case ListProblem::indirect:
      return "it is an indirect list, which speaks for other CAs, and only a CA's own lists are used";
    case ListProblem::unknown_critical:
      return "its critical extension " + to_dotted(list.unknown_critical) + " is not processed";
    case ListProblem::unknown_critical_entry:
      return "an entry has the critical extension " + to_dotted(list.unknown_critical) +
             ", which is not processed";
    case ListProblem::attribute_certificates: return "it speaks of attribute certificates only";
  }
  return {};
}

}  // namespace bulla::x509
