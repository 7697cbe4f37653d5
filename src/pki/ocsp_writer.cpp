// An OCSP response as it is written and signed (RFC 6960 §4.2.1).
#include "base/assert.h"
#include "pki/algorithm.h"
#include "pki/certificate_writer.h"
#include "pki/signed_by.h"
#include "x509/certificate.h"
#include "x509/ocsp_check.h"
#include "x509/ocsp_request.h"
#include "x509/serial.h"

#include <bulla/revocation_authority.h>

namespace bulla::pki {
namespace {

using namespace asn1;

/// Who signs.
struct Responder {
  const Certificate& certificate;
  const SigningKey& key;
  SignatureAlgorithm algorithm;
  bool is_delegate;
};

/// CertStatus: see x509/ocsp_response.cpp.
void write_status(DerWriter& w, const OcspAnswer& answer) {
  switch (answer.status) {
    case RevocationStatus::good: return w.value(tag::context(0), {});
    case RevocationStatus::unknown: return w.value(tag::context(2), {});
    case RevocationStatus::revoked: break;
  }
  w.constructed(tag::context_constructed(1), [&](DerWriter& w) {
    w.generalized_time(answer.revoked_at);
    if (!answer.reason || *answer.reason == RevocationReason::unspecified) return;
    w.explicit_tag(0, [&](DerWriter& w) { w.enumerated(static_cast<uint8_t>(*answer.reason)); });
  });
}

void write_single(DerWriter& w, const x509::CertId& id, const OcspAnswer& answer, const OcspAnswers& how) {
  w.sequence([&](DerWriter& w) {
    w.raw(id.whole);
    write_status(w, answer);
    w.generalized_time(how.this_update);
    if (how.next_update) w.explicit_tag(0, [&](DerWriter& w) { w.generalized_time(*how.next_update); });
  });
}

std::vector<uint8_t> write_data(const x509::ParsedOcspRequest& request, std::span<const OcspAnswer> answers,
                                const OcspAnswers& how, Bytes responder_key, Time produced_at) {
  return to_der([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.explicit_tag(2, [&](DerWriter& w) { w.octet_string(responder_key); });
      w.generalized_time(produced_at);
      w.sequence([&](DerWriter& w) {
        for (size_t i = 0; i < answers.size(); ++i) write_single(w, request.ids[i], answers[i], how);
      });
      // RFC 9654 §2.1: what the client gave comes back.
      if (request.nonce.empty()) return;
      w.explicit_tag(1, [&](DerWriter& w) {
        w.sequence([&](DerWriter& w) {
          write_extension(w, oids::ocsp_nonce, Criticality::not_critical,
                          [&](DerWriter& w) { w.octet_string(request.nonce); });
        });
      });
    });
  });
}

std::vector<uint8_t> write_response(Bytes data, const Responder& responder, Bytes signature) {
  const auto basic = [&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.raw(data);
      write_signature_algorithm(w, responder.algorithm);
      w.bit_string(signature);
      if (!responder.is_delegate) return;
      w.explicit_tag(
          0, [&](DerWriter& w) { w.sequence([&](DerWriter& w) { w.raw(responder.certificate.der()); }); });
    });
  };
  return to_der([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.enumerated(static_cast<uint8_t>(OcspResponseStatus::successful));
      w.explicit_tag(0, [&](DerWriter& w) {
        w.sequence([&](DerWriter& w) {
          w.oid(oids::ocsp_basic);
          w.octet_string(basic);
        });
      });
    });
  });
}

Error no_responder(const Certificate& certificate, std::string_view why) {
  return {ErrorCode::bad_argument,
          "the responder's certificate (" + certificate.subject() + ") " + std::string(why)};
}

/// The responder that the CA appointed: what clients will ask of it is asked first (RFC 6960 §4.2.2.2).
Result<void> check_delegate(const Certificate& ca, const OcspAnswers& how, const Means& means) {
  const Certificate& delegate = *how.responder;
  if (!how.responder_key) return no_responder(delegate, "has no key beside it");
  if (const char* lacks = x509::why_no_responder(how.responder, ca, means.now, 2048))
    return no_responder(delegate, lacks);
  if (!is_signed_by(delegate, ca, means.provider)) return no_responder(delegate, "is not signed by this CA");
  if (encode_public_key(how.responder_key->public_key()) != to_vector(delegate.spki()))
    return no_responder(delegate, "is for another key");
  return {};
}

}  // namespace

Result<OcspResponsePtr> CertificateAuthority::ocsp_response(const OcspRequest& request,
                                                            const OcspAnswers& answers,
                                                            const Surroundings& around) const {
  BULLA_ASSERT(answers.status_of, "OCSP answers come from somewhere");
  const Means means = means_of(around);
  if (answers.next_update && *answers.next_update <= answers.this_update)
    return Error{ErrorCode::bad_argument, "newer answers are due before these begin"};
  if (answers.responder) BULLA_TRY(check_delegate(certificate(), answers, means));
  const x509::ParsedOcspRequest& parsed = request.parsed();
  if (!parsed.unknown_critical.empty())
    return OcspResponse::from_der(ocsp_refusal(OcspResponseStatus::malformed_request));

  x509::IssuerHashes hashes(certificate().subject_der(), certificate().parsed().public_key, means.provider);
  std::vector<OcspAnswer> found;
  bool any = false;
  for (const x509::CertId& id : parsed.ids) {
    const bool ours = hashes.are_in(id);
    found.push_back(ours ? answers.status_of(x509::print_serial(id.serial)) : OcspAnswer{});
    any = any || ours;
  }
  // RFC 6960 §2.3: not capable of responding authoritatively.
  if (!any) return OcspResponse::from_der(ocsp_refusal(OcspResponseStatus::unauthorized));

  const Certificate& signer = answers.responder ? *answers.responder : certificate();
  const Responder responder = {.certificate = signer,
                               .key = answers.responder ? *answers.responder_key : *key_,
                               .algorithm = signature_for(signer.public_key()),
                               .is_delegate = answers.responder != nullptr};
  const auto responder_key = x509::key_hash_of(signer.parsed().public_key, means.provider);
  const auto data = write_data(parsed, found, answers, responder_key, means.now);
  BULLA_TRY(const auto signature,
            sign_checked(responder.key, responder.algorithm, data, means.random, means.provider));
  return OcspResponse::from_der(write_response(data, responder, signature));
}

std::vector<uint8_t> ocsp_refusal(OcspResponseStatus status) {
  BULLA_ASSERT(status != OcspResponseStatus::successful, "a refusal is no success");
  return to_der(
      [&](DerWriter& w) { w.sequence([&](DerWriter& w) { w.enumerated(static_cast<uint8_t>(status)); }); });
}

}  // namespace bulla::pki
