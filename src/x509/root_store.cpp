// RootStore: trusted certificates, found by subject in RFC 5280's comparison. Copy on write: stores are
// copied into configs and shared there, and changed before.
#include "x509/certificate.h"
#include "x509/name.h"

#include <bulla/certificate.h>

#include <algorithm>
#include <map>

namespace bulla {

struct RootStore::Index {
  /// By canonical subject; a name that has none is kept under its DER.
  std::map<std::string, std::vector<CertificatePtr>, std::less<>> by_subject;
  size_t size = 0;
};

RootStore::RootStore() : index_(std::make_shared<Index>()) {}
RootStore::~RootStore() = default;
RootStore::RootStore(const RootStore&) = default;
RootStore::RootStore(RootStore&& other) noexcept : index_(other.index_) {}
RootStore& RootStore::operator=(RootStore other) noexcept {
  index_.swap(other.index_);
  return *this;
}

Result<size_t> RootStore::add(Bytes pem_or_der) {
  BULLA_TRY(const auto certificates, Certificate::from_pem_or_der(pem_or_der));
  add_all(certificates);
  return certificates.size();
}

void RootStore::add(CertificatePtr certificate) {
  add_all({&certificate, 1});
}

void RootStore::add_all(std::span<const CertificatePtr> certificates) {
  auto next = std::make_shared<Index>(*index_);
  for (const CertificatePtr& certificate : certificates) {
    auto& same_subject = next->by_subject[x509::name_key(certificate->subject_der())];
    const bool known = std::any_of(
        same_subject.begin(), same_subject.end(),
        [&](const CertificatePtr& other) { return equal_vartime(other->der(), certificate->der()); });
    if (known) continue;
    same_subject.push_back(certificate);
    ++next->size;
  }
  index_ = std::move(next);
}

size_t RootStore::size() const noexcept {
  return index_->size;
}

std::span<const CertificatePtr> RootStore::with_subject(Bytes name_der) const noexcept {
  const auto found = index_->by_subject.find(x509::name_key(name_der));
  if (found == index_->by_subject.end()) return {};
  return found->second;
}

bool RootStore::contains(const Certificate& certificate) const noexcept {
  for (const CertificatePtr& root : with_subject(certificate.subject_der()))
    if (equal_vartime(root->der(), certificate.der())) return true;
  return false;
}

std::vector<CertificatePtr> RootStore::all() const {
  std::vector<CertificatePtr> out;
  out.reserve(index_->size);
  for (const auto& [subject, certificates] : index_->by_subject)
    out.insert(out.end(), certificates.begin(), certificates.end());
  return out;
}

}  // namespace bulla
