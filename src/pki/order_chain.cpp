#include "x509/certificate.h"
#include "x509/evidence.h"
#include "x509/name.h"

#include <bulla/bundle.h>
#include <bulla/pki.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <tuple>
#include <unordered_set>

namespace bulla::pki {
namespace {

constexpr unsigned max_signatures = 64;

/// A certificate with its names in the form in which they are compared (RFC 5280 §7.1).
struct Candidate {
  CertificatePtr certificate;
  std::string subject, issuer;
  bool used = false;
};

std::string comparable(Bytes name) {
  // A name with a malformed string equals only itself.
  return x509::canonical_name(name).value_or("?" + std::string(as_text(name)));
}

/// What is found, without what is there twice.
std::vector<Candidate> candidates_of(std::span<const CertificatePtr> found) {
  std::set<std::string_view> seen;
  std::vector<Candidate> out;
  for (const CertificatePtr& one : found)
    if (seen.insert(as_text(one->der())).second)
      out.push_back({one, comparable(one->subject_der()), comparable(one->issuer_der())});
  return out;
}

bool same_key(const Certificate& certificate, const PublicKeyView& key) {
  const std::vector<uint8_t> spki = encode_public_key(key);
  return equal_vartime(certificate.spki(), spki);
}

std::string listed(const std::vector<Candidate*>& candidates) {
  constexpr size_t most = 5;
  std::string out;
  for (size_t i = 0; i < std::min(most, candidates.size()); ++i)
    out += (i ? "; " : "") + x509::label(*candidates[i]->certificate);
  return out + (candidates.size() > most ? "; ..." : "");
}

Result<Candidate*> leaf_of_key(std::vector<Candidate>& all, const PublicKeyView& key) {
  Candidate* best = nullptr;
  for (Candidate& one : all)
    if (same_key(*one.certificate, key) &&
        (!best || one.certificate->not_after() > best->certificate->not_after()))
      best = &one;
  if (!best)
    return Error{ErrorCode::certificate_not_found, "none of them is for the key",
                 "give the key's certificate too"};
  return best;
}

/// The one that issued no other, and is no CA's if there are such.
Result<Candidate*> leaf_of(std::vector<Candidate>& all) {
  std::unordered_set<std::string_view> issuers;
  for (const Candidate& one : all)
    if (one.subject != one.issuer) issuers.insert(one.issuer);
  std::vector<Candidate*> ends, end_entities;
  for (Candidate& one : all) {
    if (issuers.contains(one.subject)) continue;
    ends.push_back(&one);
    if (!one.certificate->is_ca()) end_entities.push_back(&one);
  }
  const std::vector<Candidate*>& choice = end_entities.empty() ? ends : end_entities;
  if (choice.size() == 1) return choice.front();
  if (choice.empty())
    return Error{ErrorCode::bad_argument, "each of the certificates issued another one of them",
                 "name the key of the first one"};
  return Error{ErrorCode::bad_argument, "several of the certificates could be the first: " + listed(choice),
               "name the key of the first one, or leave the others away"};
}

/// Whether the issuer's key made the certificate's signature.
enum class Link : uint8_t { verified, wrong_signature, not_verifiable };

class Orderer {
 public:
  Orderer(std::vector<Candidate> all, const Provider& provider) : all_(std::move(all)), provider_(provider) {}

  Result<OrderedChain> order(const ChainRequest& request) {
    BULLA_TRY(Candidate* const leaf, request.key ? leaf_of_key(all_, *request.key) : leaf_of(all_));
    take(*leaf);
    while (!out_.root && climb()) {
    }
    const bool root_is_leaf = out_.chain.size() == 1;
    if (out_.root && !root_is_leaf && request.root == RootInChain::leave_out) out_.chain.pop_back();
    if (!out_.root) tell_what_is_missing();
    for (const Candidate& one : all_)
      if (!one.used) out_.unrelated.push_back(one.certificate);
    return std::move(out_);
  }

 private:
  void take(Candidate& one) {
    one.used = true;
    last_ = &one;
    out_.chain.push_back(one.certificate);
    // A root's own signature proves nothing; one that is made with a broken algorithm does no harm.
    if (one.subject == one.issuer && link(*one.certificate, *one.certificate) != Link::wrong_signature)
      out_.root = one.certificate;
  }

  Link link(const Certificate& child, const Certificate& issuer) {
    const auto algorithm = child.signature_algorithm();
    if (!algorithm || !provider_.supports(*algorithm) || !issuer.has_usable_key())
      return Link::not_verifiable;
    if (!issuer.key_allows(*algorithm)) return Link::wrong_signature;
    if (++signatures_ > max_signatures) return Link::not_verifiable;
    const PublicKeyView key = issuer.public_key();
    VerifyJob job{.key = &key,
                  .algorithm = *algorithm,
                  .message = child.parsed().tbs,
                  .signature = child.parsed().signature_value};
    provider_.signing.verify({&job, 1});
    return job.ok ? Link::verified : Link::wrong_signature;
  }

  /// The key identifiers agree, or one of the two says none (RFC 5280 §4.2.1.1).
  static bool identifiers_agree(const Certificate& child, const Certificate& issuer) {
    const auto& wanted = child.parsed().extensions.authority_key_id;
    const auto& there = issuer.parsed().extensions.subject_key_id;
    return !wanted || !there || equal_vartime(*wanted, *there);
  }

  /// Goes on to the issuer of the last one. Of several with the right key, a root ends the chain; else the
  /// one that lasts longest is taken.
  bool climb() {
    std::vector<Candidate*> named;
    for (Candidate& one : all_)
      if (!one.used && one.subject == last_->issuer) named.push_back(&one);
    std::ranges::sort(named, [&](const Candidate* a, const Candidate* b) {
      const auto rank = [&](const Candidate& c) {
        return std::tuple(identifiers_agree(*last_->certificate, *c.certificate), c.subject == c.issuer,
                          c.certificate->not_after());
      };
      const auto left = rank(*a), right = rank(*b);
      return left != right ? left > right : a < b;
    });
    for (Candidate* one : named) {
      const Link found = link(*last_->certificate, *one->certificate);
      if (found == Link::verified) return take(*one), true;
      out_.why_missing = found == Link::wrong_signature
                             ? "a certificate of that name is there, but its key did not make the signature"
                             : "a certificate of that name is there, but the signature (" +
                                   x509::print_algorithm(last_->certificate->parsed().signature) +
                                   ") cannot be verified";
    }
    return false;
  }

  void tell_what_is_missing() {
    const Certificate& last = *last_->certificate;
    out_.missing = last.issuer();
    for (const x509::AccessDescription& one : last.parsed().extensions.authority_info_access)
      if (asn1::oids::access_ca_issuers == one.method && one.location.kind == x509::GeneralNameKind::uri &&
          out_.missing_at.empty())
        out_.missing_at = x509::shell_safe_url(one.location.value);
  }

  std::vector<Candidate> all_;
  const Provider& provider_;
  const Candidate* last_ = nullptr;
  unsigned signatures_ = 0;
  OrderedChain out_;
};

}  // namespace

Result<OrderedChain> order_chain(std::span<const CertificatePtr> found, const ChainRequest& request,
                                 const Provider& provider) {
  if (found.empty()) return ErrorCode::certificate_not_found;
  std::vector<Candidate> all = candidates_of(found);
  const size_t repeated = found.size() - all.size();
  BULLA_TRY(OrderedChain out, Orderer(std::move(all), provider).order(request));
  out.repeated = repeated;
  return out;
}

}  // namespace bulla::pki
