// RevocationList and RevocationLists: the public view of lists, and lists found by their issuers.
#include "asn1/pem.h"
#include "x509/crl.h"
#include "x509/name.h"
#include "x509/serial.h"

#include <algorithm>
#include <iterator>
#include <map>

namespace bulla {
namespace {

// RFC 5280 §5.3.1
struct NamedReason {
  RevocationReason reason;
  std::string_view name;
};
constexpr NamedReason reasons[] = {
    {RevocationReason::unspecified, "unspecified"},
    {RevocationReason::key_compromise, "keyCompromise"},
    {RevocationReason::ca_compromise, "cACompromise"},
    {RevocationReason::affiliation_changed, "affiliationChanged"},
    {RevocationReason::superseded, "superseded"},
    {RevocationReason::cessation_of_operation, "cessationOfOperation"},
    {RevocationReason::certificate_hold, "certificateHold"},
    {RevocationReason::remove_from_crl, "removeFromCRL"},
    {RevocationReason::privilege_withdrawn, "privilegeWithdrawn"},
    {RevocationReason::aa_compromise, "aACompromise"},
};

RevokedCertificate published(const x509::ListEntry& entry) {
  return {.serial = x509::print_serial(entry.serial),
          .revoked_at = entry.revoked_at,
          .reason = entry.reason,
          .invalid_since = entry.invalid_since};
}

}  // namespace

std::string_view name_of(RevocationReason reason) noexcept {
  const auto* found = std::ranges::find(reasons, reason, &NamedReason::reason);
  return found == std::end(reasons) ? "unknown" : found->name;
}

std::optional<RevocationReason> parse_revocation_reason(std::string_view name) noexcept {
  const auto* found = std::ranges::find(reasons, name, &NamedReason::name);
  if (found == std::end(reasons)) return {};
  return found->reason;
}

// ---- one list ---------------------------------------------------------------------------------------------

RevocationList::RevocationList(std::unique_ptr<const x509::ParsedRevocationList> parsed) noexcept
    : parsed_(std::move(parsed)) {}
RevocationList::~RevocationList() = default;

Result<RevocationListPtr> RevocationList::from_der(Bytes der) {
  BULLA_TRY(auto parsed, x509::parse_revocation_list(der));
  return RevocationListPtr(new RevocationList(std::move(parsed)));
}

Result<std::vector<RevocationListPtr>> RevocationList::from_pem_or_der(Bytes text) {
  std::vector<RevocationListPtr> out;
  if (!asn1::looks_like_pem(text)) {
    if (text.empty()) return Error{ErrorCode::revocation_list_not_found, "it is empty"};
    BULLA_TRY(RevocationListPtr one, from_der(text));
    out.push_back(std::move(one));
    return out;
  }
  BULLA_TRY(const auto blocks, asn1::decode_pem(text));
  std::string labels;
  for (const asn1::PemBlock& block : blocks) {
    if (block.label != "X509 CRL") {
      labels += (labels.empty() ? "" : ", ") + printable(block.label.substr(0, 64));
      continue;
    }
    auto one = from_der(block.content.reveal());
    if (!one) {
      Error error = std::move(one).error();
      error.detail = "list " + std::to_string(out.size() + 1) + " of the file: " + error.detail;
      return error;
    }
    out.push_back(*std::move(one));
  }
  if (out.empty())
    return Error{ErrorCode::revocation_list_not_found,
                 labels.empty() ? "" : "the file holds: " + labels.substr(0, 200)};
  return out;
}

Bytes RevocationList::der() const noexcept {
  return parsed_->der;
}
Bytes RevocationList::issuer_der() const noexcept {
  return parsed_->issuer;
}
std::string RevocationList::issuer() const {
  return x509::print_name(parsed_->issuer);
}
Time RevocationList::this_update() const noexcept {
  return parsed_->this_update;
}
std::optional<Time> RevocationList::next_update() const noexcept {
  return parsed_->next_update;
}
std::optional<std::string> RevocationList::number() const {
  if (!parsed_->number) return {};
  return x509::print_serial(*parsed_->number);
}
std::string RevocationList::why_not_used() const {
  return x509::explain_problem(*parsed_);
}
size_t RevocationList::size() const noexcept {
  return parsed_->by_serial.size();
}
RevokedCertificate RevocationList::entry(size_t index) const {
  return published(parsed_->entry(index));
}
std::optional<RevokedCertificate> RevocationList::find(std::string_view serial) const {
  const auto integer = x509::parse_serial(serial);
  if (!integer) return {};
  const auto entry = parsed_->find(*integer);
  if (!entry) return {};
  return published(*entry);
}

// ---- many -------------------------------------------------------------------------------------------------

struct RevocationLists::Index {
  /// By canonical name of the issuer; a name that has none is kept under its DER.
  std::map<std::string, std::vector<RevocationListPtr>, std::less<>> by_issuer;
  size_t size = 0;

  void insert(RevocationListPtr list) {
    auto& same_issuer = by_issuer[x509::name_key(list->issuer_der())];
    const bool known = std::ranges::any_of(same_issuer, [&](const RevocationListPtr& other) {
      return equal_vartime(other->der(), list->der());
    });
    if (known) return;
    same_issuer.push_back(std::move(list));
    ++size;
  }
};

RevocationLists::RevocationLists() : index_(std::make_shared<Index>()) {}
RevocationLists::~RevocationLists() = default;
RevocationLists::RevocationLists(const RevocationLists&) = default;
RevocationLists::RevocationLists(RevocationLists&& other) noexcept : index_(other.index_) {}
RevocationLists& RevocationLists::operator=(RevocationLists other) noexcept {
  index_.swap(other.index_);
  return *this;
}

Result<size_t> RevocationLists::add(Bytes pem_or_der) {
  BULLA_TRY(const auto lists, RevocationList::from_pem_or_der(pem_or_der));
  auto next = std::make_shared<Index>(*index_);
  for (const RevocationListPtr& list : lists) next->insert(list);
  index_ = std::move(next);
  return lists.size();
}

void RevocationLists::add(RevocationListPtr list) {
  auto next = std::make_shared<Index>(*index_);
  next->insert(std::move(list));
  index_ = std::move(next);
}

size_t RevocationLists::size() const noexcept {
  return index_->size;
}

std::span<const RevocationListPtr> RevocationLists::of_issuer(Bytes name_der) const noexcept {
  if (index_->size == 0) return {};
  const auto found = index_->by_issuer.find(x509::name_key(name_der));
  if (found == index_->by_issuer.end()) return {};
  return found->second;
}

}  // namespace bulla
