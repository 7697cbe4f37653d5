// Entries: how they are called, and what they say.
#include "asn1/pem.h"
#include "trust/stores.h"

#include <bulla/pki.h>

#include <algorithm>

namespace bulla::trust {
namespace {

constexpr std::string_view prefix = "bulla-";
constexpr size_t digits_in_name = 16;
constexpr size_t longest_slug = 40;

/// The common name in letters that every store, shell and file system takes.
std::string slug_of(const Certificate& certificate) {
  std::string name = certificate.subject();
  if (const size_t at = name.find("CN="); at != std::string::npos) name = name.substr(at + 3);
  name = name.substr(0, name.find(", "));
  std::string out;
  for (const char c : name) {
    const bool is_upper = c >= 'A' && c <= 'Z';
    const bool is_kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || is_upper;
    if (out.size() == longest_slug) break;
    if (is_kept)
      out += is_upper ? static_cast<char>(c - 'A' + 'a') : c;
    else if (!out.empty() && out.back() != '-')
      out += '-';
  }
  while (out.ends_with('-')) out.pop_back();
  if (out.starts_with(prefix)) out.erase(0, prefix.size());
  return out;
}

}  // namespace

std::string fingerprint_digits(const Certificate& certificate) {
  std::string out;
  for (const char c : fingerprint_sha256(certificate))
    if (c != ':') out += c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

std::string entry_name(const Certificate& root) {
  const std::string slug = slug_of(root);
  return std::string(prefix) + slug + (slug.empty() ? "" : "-") +
         fingerprint_digits(root).substr(0, digits_in_name);
}

bool is_ours(std::string_view entry, const Certificate& certificate) {
  return entry.starts_with(prefix) &&
         entry.ends_with('-' + fingerprint_digits(certificate).substr(0, digits_in_name));
}

Standing standing_among(std::span<const CertificatePtr> certificates, const Certificate& wanted) {
  Standing out = Standing::not_trusted;
  for (const CertificatePtr& one : certificates) {
    if (equal_vartime(one->der(), wanted.der())) return Standing::trusted;
    if (equal_vartime(one->subject_der(), wanted.subject_der())) out = Standing::other_certificate;
  }
  return out;
}

bool Task::includes(StoreKind kind) const noexcept {
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

bool is_settled(const Task& task, Step& step) {
  if (step.store.standing == Standing::unknown) step.obstacle = step.store.error;
  if (step.store.standing == Standing::unknown || task.goal == Goal::look) return true;
  return (step.store.standing == Standing::trusted) == (task.goal == Goal::install);
}

Error needs_root(const Store& store) {
  return {ErrorCode::trust_store_needs_root, printable(store.path)};
}

Error tool_missing(std::string_view tool, std::string_view package) {
  return {ErrorCode::trust_tool_missing, std::string(tool),
          "install the package " + std::string(package) + ", and try again"};
}

Error not_ours(std::string_view entry, std::string remedy) {
  return {ErrorCode::trust_entry_not_ours, printable(entry), std::move(remedy)};
}

}  // namespace bulla::trust
