// Lists of revoked certificates out of the records: numbered first, then signed, then written.
#include "ca/folder.h"
#include "ca/records.h"
#include "ca/words.h"
#include "pki/folder_lock.h"
#include "pki/means.h"

#include <bulla/ca_status.h>
#include <bulla/os.h>
#include <bulla/revocation_authority.h>

namespace bulla::ca {
namespace {

constexpr unsigned most_days = 3650;

/// A list before it is signed.
struct Draft {
  uint64_t number = 0;
  Time this_update = {};
  std::vector<RevokedCertificate> revoked = {};
};

/// RFC 5280 §3.3: an entry stays until it stood on a list that was issued beyond the certificate's end. Every
/// list that was published after both its revocation and its end had it, so the last one tells.
bool has_served(const RevokedRow& row, const std::optional<Time>& published) {
  return published && *published > row.not_after && *published > row.revocation.at;
}

/// One transaction: a list with a higher number speaks of a later moment, and knows all that one with a lower
/// number knew.
Result<Draft> begin_list(const Records& records, const Certificate& ca, const pki::Surroundings& around) {
  BULLA_TRY(Transaction change, records.begin());
  Draft out;
  out.this_update = std::chrono::floor<std::chrono::seconds>(pki::means_of(around).now);
  BULLA_TRY(out.number, records.next_crl_number(ca));
  BULLA_TRY(const std::optional<Time> published, records.list_published(ca));
  BULLA_TRY(const std::vector<RevokedRow> rows, records.revoked_by(ca));
  BULLA_TRY(change.commit());
  for (const RevokedRow& row : rows) {
    if (has_served(row, published)) continue;
    out.revoked.push_back({.serial = row.serial,
                           .revoked_at = row.revocation.at,
                           .reason = as_published(row.revocation.reason)});
  }
  return out;
}

Result<void> check_order(const ListOrder& order, const Certificate& ca, Time now) {
  if (order.days < 1 || order.days > most_days)
    return Error{ErrorCode::bad_argument,
                 "a list for " + std::to_string(order.days) + " days; 1 to 3650 can be asked for"};
  if (now < ca.not_before() || now > ca.not_after())
    return Error{ErrorCode::ca_cannot_sign, ca.subject() + ' ' + pki::describe_validity(ca, now)};
  return {};
}

}  // namespace

Result<ListSigner> ListSigner::unlock(const Authority& authority, WhoseList whose,
                                      std::string_view passphrase, const Provider& provider) {
  BULLA_TRY(const Layout layout, layout_of(authority.folder()));
  if (whose == WhoseList::root && layout.is_local)
    return Error{ErrorCode::bad_argument, "the local CA has no intermediate: the root's list is the only one",
                 "leave out --root"};
  const bool is_root = whose == WhoseList::root;
  const std::string path = is_root ? authority.folder() + "/root-key.pem" : layout.key;
  const CertificatePtr& certificate = is_root ? authority.chain().back() : authority.chain().front();
  BULLA_TRY(const SecretBytes key, read_secret_file(path));
  auto opened = pki::CertificateAuthority::from_bytes(certificate->der(), key.reveal(), passphrase, provider);
  if (opened) return ListSigner(*std::move(opened), authority.records_, authority.folder());
  Error error = opened.error();
  error.detail = printable(path) + (error.detail.empty() ? "" : ": " + error.detail);
  return error;
}

Result<RevocationListPtr> ListSigner::make(const ListOrder& order, const pki::Surroundings& around) const {
  BULLA_TRY(check_order(order, certificate(), pki::means_of(around).now));
  BULLA_TRY(const Draft draft, begin_list(*records_, certificate(), around));
  return authority_.revocation_list({.revoked = draft.revoked,
                                     .number = draft.number,
                                     .this_update = draft.this_update,
                                     .next_update = draft.this_update + std::chrono::days(order.days)},
                                    around);
}

Result<RevocationListPtr> ListSigner::publish(const std::string& path, ListForm form, const ListOrder& order,
                                              const pki::Surroundings& around) const {
  // Held until the file is written: whoever has the higher number writes later.
  BULLA_TRY(const Descriptor turn, pki::lock_folder(folder_));
  BULLA_TRY(RevocationListPtr list, make(order, around));
  BULLA_TRY(form == ListForm::pem ? write_file(path, as_bytes(pki::to_pem(*list)))
                                  : write_file(path, list->der()));
  // Only now: what was never written is not counted, wherever the power goes.
  BULLA_TRY(Transaction change, records_->begin());
  BULLA_TRY(records_->set_list_published(certificate(), list->this_update()));
  BULLA_TRY(change.commit());
  return list;
}

}  // namespace bulla::ca
