// An OCSP responder out of the records (RFC 6960, in the profile of RFC 5019).
#include "ca/folder.h"
#include "ca/records.h"
#include "ca/words.h"
#include "pki/means.h"

#include <bulla/ca_status.h>
#include <bulla/revocation_authority.h>

#include <map>

namespace bulla::ca {

/// A serial number that was asked about, and what is known of it.
struct Responder::Lookup {
  std::string serial = {};
  pki::OcspAnswer answer = {};

  bool operator==(const Lookup& other) const {
    return serial == other.serial && answer.status == other.answer.status &&
           answer.revoked_at == other.answer.revoked_at && answer.reason == other.answer.reason;
  }
};

namespace {

/// Answers are signed once and given to all who ask the same, for a part of the time for which they may be
/// used. What is kept is bounded in number, and so is the size of the questions for which it is kept.
constexpr size_t most_kept = 1024, largest_kept_request = 512;
constexpr int freshness = 4;
/// A client that waits for longer has gone; it is told to come back.
constexpr Milliseconds patience{2000};

pki::OcspAnswer answer_of(const Standing& standing) {
  if (!standing.issued) return {.status = RevocationStatus::unknown};
  if (!standing.revocation) return {.status = RevocationStatus::good};
  return {.status = RevocationStatus::revoked,
          .revoked_at = standing.revocation->at,
          .reason = as_published(standing.revocation->reason)};
}

Result<void> check_options(const ResponderOptions& options) {
  if (options.validity < std::chrono::minutes(1) || options.validity > std::chrono::days(100))
    return Error{ErrorCode::bad_argument, "answers are for a minute at least, and 100 days at most"};
  if (options.delegate_days < 1 || options.delegate_days > 365)
    return Error{ErrorCode::bad_argument, "a responder's certificate lasts 1 to 365 days"};
  return {};
}

OcspReply refusal(OcspResponseStatus status, std::optional<Error> trouble = {}) {
  return {.der = pki::ocsp_refusal(status), .status = status, .trouble = std::move(trouble)};
}

/// RFC 6960 §2.3: what passes by itself is tryLater.
OcspReply failure(Error error) {
  const bool passes = error.code == ErrorCode::ca_records_busy || error.code == ErrorCode::too_many_files;
  return refusal(passes ? OcspResponseStatus::try_later : OcspResponseStatus::internal_error,
                 std::move(error));
}

}  // namespace

/// Answers that were signed, by their requests.
struct Responder::Kept {
  struct One {
    std::vector<Lookup> found;
    OcspReply reply;
  };
  /// nullptr where there is none, it has aged, or the records say something else by now.
  const OcspReply* find(std::string_view request, const std::vector<Lookup>& found, Time now) const {
    const auto at = by_request.find(request);
    if (at == by_request.end()) return nullptr;
    const OcspReply& reply = at->second.reply;
    const bool fresh = now >= reply.this_update &&
                       now < reply.this_update + (reply.next_update - reply.this_update) / freshness;
    return fresh && at->second.found == found ? &reply : nullptr;
  }
  void put(std::string_view request, One one) {
    if (by_request.size() >= most_kept) by_request.clear();
    by_request.insert_or_assign(std::string(request), std::move(one));
  }
  std::map<std::string, One, std::less<>> by_request = {};
  Records records;  // a connection of its own, which does not wait as long as others do
};

Responder::Responder(Issuer issuer, const ResponderOptions& options, std::unique_ptr<Kept> kept) noexcept
    : issuer_(std::move(issuer)), options_(options), kept_(std::move(kept)) {}
Responder::Responder(Responder&&) noexcept = default;
Responder& Responder::operator=(Responder&&) noexcept = default;
Responder::~Responder() = default;

Result<Responder> Responder::unlock(const Authority& authority, const ResponderOptions& options,
                                    std::string_view passphrase, const pki::Surroundings& around) {
  BULLA_TRY(check_options(options));
  BULLA_TRY(Issuer issuer, authority.unlock(passphrase, pki::means_of(around).provider));
  BULLA_TRY(Records records, Records::open(authority.folder() + records_name, patience));
  auto kept = std::make_unique<Kept>(Kept{.records = std::move(records)});
  Responder out(std::move(issuer), options, std::move(kept));
  BULLA_TRY(out.renew_delegate(around));
  return out;
}

const Certificate& Responder::signer() const noexcept {
  return delegate_ ? delegate_->certificate() : issuer_.authority_.certificate();
}

Result<void> Responder::renew_delegate(const pki::Surroundings& around) {
  if (options_.key == ResponderKey::ca) return {};
  const Time now = pki::means_of(around).now;
  if (delegate_) {
    const Certificate& old = delegate_->certificate();
    if (old.not_after() - now > (old.not_after() - old.not_before()) / 3) return {};
  }
  auto made = issuer_.issue_responder(options_.delegate_days, around);
  if (made) {
    delegate_ = *std::move(made);
    kept_->by_request.clear();
    return {};
  }
  // The old one serves on to its end.
  if (delegate_ && now < delegate_->certificate().not_after()) return {};
  return made.error();
}

OcspReply Responder::answer(Bytes bytes, const pki::Surroundings& given) {
  const pki::Surroundings around = surroundings_of(pki::means_of(given));
  const auto request = OcspRequest::from_der(bytes);
  if (!request) return refusal(OcspResponseStatus::malformed_request);
  if (const auto ready = renew_delegate(around); !ready) return failure(ready.error());
  std::vector<Lookup> found;
  for (size_t i = 0; i < request->size(); ++i) {
    const auto standing = kept_->records.standing(request->serial(i), issuer_.authority_.certificate());
    if (!standing) return failure(standing.error());
    found.push_back({.serial = request->serial(i), .answer = answer_of(*standing)});
  }
  const bool keep = bytes.size() <= largest_kept_request && request->nonce().empty();
  if (keep)
    if (const OcspReply* kept = kept_->find(as_text(bytes), found, *around.now)) return *kept;
  auto reply = sign(*request, found, around);
  if (!reply) return failure(reply.error());
  if (keep && reply->reuse == OcspReply::Reuse::yes)
    kept_->put(as_text(bytes), {.found = std::move(found), .reply = *reply});
  return *std::move(reply);
}

Result<OcspReply> Responder::sign(const OcspRequest& request, const std::vector<Lookup>& found,
                                  const pki::Surroundings& around) {
  OcspReply reply;
  reply.this_update = std::chrono::floor<std::chrono::seconds>(*around.now);
  reply.next_update = std::min<Time>(reply.this_update + options_.validity, signer().not_after());
  const auto status_of = [&](std::string_view serial) {
    for (const Lookup& one : found)
      if (one.serial == serial) return one.answer;
    return pki::OcspAnswer{};
  };
  BULLA_TRY(const OcspResponsePtr response,
            issuer_.authority_.ocsp_response(request,
                                             {.status_of = status_of,
                                              .this_update = reply.this_update,
                                              .next_update = reply.next_update,
                                              .responder = delegate_ ? delegate_->chain.front() : nullptr,
                                              .responder_key = delegate_ ? delegate_->key.signer() : nullptr},
                                             around));
  reply.der = to_vector(response->der());
  reply.status = response->status();
  const bool is_answer = reply.status == OcspResponseStatus::successful;
  reply.reuse = is_answer && request.nonce().empty() ? OcspReply::Reuse::yes : OcspReply::Reuse::no;
  return reply;
}

}  // namespace bulla::ca
