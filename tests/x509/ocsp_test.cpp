// OCSP: requests and responses parsed (RFC 6960 §4), and a stapled response held against a path (§3.2).
#include "crafted_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulla::test {
namespace {

using namespace asn1;
using testing::HasSubstr;

struct World {
  Entity root = issue(ca_draft("Root")), ca = issue(ca_draft("CA"), &root), leaf;
  RevocationLists lists;

  explicit World(Draft draft = {}) {
    draft.serial = {0x05};
    leaf = issue(draft, &ca);
    EXPECT_TRUE(leaf.certificate);
  }
  Result<ChainVerified> verify(Bytes staple, RevocationPolicy policy = RevocationPolicy::if_known,
                               OcspStapling stapling = OcspStapling::requested, Seconds max_age = {}) const {
    RootStore roots;
    roots.add(root.certificate);
    const std::vector<CertificatePtr> chain = {leaf.certificate, ca.certificate};
    return WebPkiVerifier(roots, {.revocation = policy, .lists = lists, .max_status_age = max_age})
        .verify({.chain = chain, .now = test_now(), .ocsp_response = staple, .stapling = stapling});
  }
  /// Refused as RFC 6066 §8 wants it, with these words; let through only where the policy ignores it.
  void expect_bad(Bytes staple, std::string_view words) const {
    for (const auto policy : {RevocationPolicy::if_known, RevocationPolicy::leaf_required}) {
      const auto result = verify(staple, policy);
      ASSERT_FALSE(result.ok()) << "accepted; wanted: " << words;
      EXPECT_EQ(result.error().code, ErrorCode::ocsp_response_bad) << result.error().explain();
      EXPECT_EQ(result.error().row().alert, AlertDescription::bad_certificate_status_response);
      EXPECT_THAT(result.error().detail, HasSubstr(std::string(words)));
    }
    EXPECT_TRUE(verify(staple, RevocationPolicy::ignore).ok());
  }
  void expect_good(Bytes staple) const {
    const auto result = verify(staple, RevocationPolicy::leaf_required);
    EXPECT_TRUE(result.ok()) << result.error().explain();
  }
};

Writer unknown_extension(Critical critical) {
  return [=](DerWriter& w) { write_extension(w, oid("1.2.3.4"), critical, [](DerWriter& w) { w.null(); }); };
}

TEST(OcspTest, AGoodResponseProvesTheLeafGood) {
  const World w;
  for (const bool by_key : {true, false})
    for (const HashId hash : {HashId::sha1, HashId::sha256, HashId::sha384, HashId::sha512})
      w.expect_good(response_der({.answers = {{.hash = hash}}, .by_key = by_key}, w.ca));
  // The CAs above it need lists.
  const auto whole = w.verify(response_der({}, w.ca), RevocationPolicy::required);
  ASSERT_FALSE(whole.ok());
  EXPECT_EQ(whole.error().code, ErrorCode::certificate_status_unknown);
}

TEST(OcspTest, SaysWhatItSays) {
  const World w;
  const auto response = OcspResponse::from_der(
      response_der({.answers = {{}, {.serial = {0x06}, .status = RevocationStatus::revoked, .reason = 1}},
                    .by_key = false},
                   w.ca));
  ASSERT_TRUE(response.ok()) << response.error().explain();
  EXPECT_EQ((*response)->status(), OcspResponseStatus::successful);
  EXPECT_EQ((*response)->responder(), "CN=CA");
  EXPECT_EQ((*response)->produced_at(), test_now() - std::chrono::hours(1));
  EXPECT_TRUE((*response)->nonce().empty());
  ASSERT_EQ((*response)->size(), 2u);
  EXPECT_EQ((*response)->answer(0).status, RevocationStatus::good);
  const OcspStatus second = (*response)->answer(1);
  EXPECT_EQ(second.serial, "06");
  EXPECT_EQ(second.status, RevocationStatus::revoked);
  EXPECT_EQ(second.reason, RevocationReason::key_compromise);
  EXPECT_EQ(second.revoked_at, test_now() - std::chrono::hours(48));
}

TEST(OcspTest, ARevokedLeafIsRefusedWithTheEvidence) {
  const World w;
  const auto result =
      w.verify(response_der({.answers = {{.status = RevocationStatus::revoked, .reason = 1}}}, w.ca));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::certificate_revoked);
  EXPECT_EQ(result.error().row().alert, AlertDescription::certificate_revoked);
  EXPECT_THAT(result.error().detail,
              HasSubstr("revoked on 2025-12-30 00:00:00 UTC (keyCompromise) by the stapled OCSP response of "
                        "2025-12-31 23:00:00 UTC, good until 2026-01-02 00:00:00 UTC"));
}

TEST(OcspTest, AListThatRevokesOutweighsAGoodStaple) {
  World w;
  w.lists.add(make_list({.entries = {entry({0x05})}}, w.ca));
  const auto result = w.verify(response_der({}, w.ca));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::certificate_revoked);
}

// RFC 6960 §2.2
TEST(OcspTest, UnknownIsNotGood) {
  const World w;
  w.expect_bad(response_der({.answers = {{.status = RevocationStatus::unknown}}}, w.ca),
               "does not know this certificate");
}

// RFC 6960 §3.2 (1)
TEST(OcspTest, Rfc6960_3_2_TheAnswerIsForThisCertificate) {
  const World w, other;
  w.expect_bad(response_der({.answers = {{.serial = {0x06}}}}, w.ca), "no answer for this certificate");
  w.expect_bad(response_der({.answers = {}}, w.ca), "no answer for this certificate");
  // The same serial number of another CA, whose name is the same.
  w.expect_bad(response_der({}, other.ca, w.ca), "no answer for this certificate");
}

TEST(OcspTest, OfSeveralAnswersTheWorstCounts) {
  const World w;
  const AnswerDraft good, revoked{.status = RevocationStatus::revoked},
      unknown{.status = RevocationStatus::unknown};
  for (const auto& answers : {std::vector{good, revoked}, std::vector{revoked, good, unknown}})
    EXPECT_EQ(w.verify(response_der({.answers = answers}, w.ca)).error().code,
              ErrorCode::certificate_revoked);
  w.expect_bad(response_der({.answers = {good, unknown}}, w.ca), "does not know");
  w.expect_good(
      response_der({.answers = {{.serial = {0x06}, .status = RevocationStatus::revoked}, good}}, w.ca));
}

// RFC 6960 §3.2 (2)
TEST(OcspTest, Rfc6960_3_2_TheSignatureVerifies) {
  const World w, other;
  auto der = response_der({}, w.ca);
  der.back() ^= 1;
  w.expect_bad(der, "was not made by the key of CN=CA");
  // Somebody of the same name, and somebody of another.
  w.expect_bad(response_der({.by_key = false}, w.ca, other.ca), "was not made by the key of CN=CA");
  w.expect_bad(response_der({.by_key = false}, w.ca, w.root), "CN=Root) came along");
  w.expect_bad(
      response_der(
          {.algorithm = [](DerWriter& w) { w.sequence([](DerWriter& w) { w.oid(oids::ecdsa_sha1); }); }},
          w.ca),
      "was not made by the key");
}

// RFC 6960 §4.2.2.2: a responder that the issuer appointed.
TEST(OcspTest, Rfc6960_4_2_2_2_AppointedResponders) {
  const World w;
  const auto by = [&](const Draft& draft, const Entity* issuer, bool sent = true) {
    const Entity responder = issue(draft, issuer);
    ResponseDraft response;
    if (sent) response.certificates = {responder.der};
    return response_der(response, w.ca, responder);
  };
  w.expect_good(by(responder_draft(), &w.ca));
  w.expect_bad(by(responder_draft(), &w.ca, false), "came along");
  w.expect_bad(by(responder_draft(), &w.root), "was not issued by the certificate's issuer");
  Draft draft = responder_draft();
  draft.purposes = {};
  w.expect_bad(by(draft, &w.ca), "lacks the purpose OCSPSigning");
  draft.purposes = {oids::any_extended_key_usage, oids::server_auth};
  w.expect_bad(by(draft, &w.ca), "lacks the purpose OCSPSigning");
  draft = responder_draft();
  draft.key_usage = 1u << 5 | 1u << 6;
  w.expect_bad(by(draft, &w.ca), "may not sign");
  draft = responder_draft();
  draft.not_after = test_now() - std::chrono::hours(1);
  w.expect_bad(by(draft, &w.ca), "has expired");
  draft = responder_draft();
  draft.not_before = test_now() + std::chrono::hours(1);
  w.expect_bad(by(draft, &w.ca), "not valid yet");
  draft = responder_draft();
  draft.more_extensions = unknown_extension(Critical::yes);
  w.expect_bad(by(draft, &w.ca), "critical extension");
  // Appointed by another CA of the same name.
  const World other;
  w.expect_bad(by(responder_draft(), &other.ca), "is not signed by CN=CA");
  // The appointed one's certificate, but another key.
  const Entity responder = issue(responder_draft(), &w.ca);
  Entity thief = responder;
  thief.key = new_key();
  w.expect_bad(response_der({.by_key = false, .certificates = {responder.der}}, w.ca, thief),
               "was not made by the key of the responder");
}

// The leaf itself is no responder, though the same CA issued it.
TEST(OcspTest, ALeafDoesNotVouchForItself) {
  const World w;
  w.expect_bad(response_der({.certificates = {w.leaf.der}}, w.ca, w.leaf), "lacks the purpose OCSPSigning");
}

// RFC 6960 §4.2.2.2.1: a responder may have been revoked, unless its certificate says not to look.
TEST(OcspTest, Rfc6960_4_2_2_2_1_RevokedResponders) {
  World w;
  w.lists.add(make_list({.entries = {entry({0x77})}}, w.ca));
  const auto by = [&](const Draft& draft) {
    const Entity responder = issue(draft, &w.ca);
    return response_der({.certificates = {responder.der}}, w.ca, responder);
  };
  Draft draft = responder_draft();
  w.expect_bad(by(draft), "was revoked");
  draft.more_extensions = [](DerWriter& w) {
    write_extension(w, oids::ocsp_no_check, Critical::no, [](DerWriter& w) { w.null(); });
  };
  w.expect_good(by(draft));
}

// RFC 6960 §3.2 (5), (6), §4.2.2.1
TEST(OcspTest, Rfc6960_3_2_AnswersAreOfToday) {
  const World w;
  const auto at = [&](std::chrono::minutes from, std::optional<std::chrono::minutes> to,
                      RevocationStatus status = RevocationStatus::good, std::optional<uint8_t> reason = {}) {
    AnswerDraft answer{
        .status = status, .this_update = test_now() + from, .next_update = {}, .reason = reason};
    if (to) answer.next_update = test_now() + *to;
    return response_der({.answers = {answer}}, w.ca);
  };
  using std::chrono::hours, std::chrono::minutes;
  w.expect_good(at(minutes(4), hours(1)));
  w.expect_bad(at(minutes(6), hours(1)), "lies in the future");
  w.expect_good(at(hours(-2), minutes(0)));
  w.expect_bad(at(hours(-2), minutes(-1)), "is too old; now it is 2026-01-01 00:00:00 UTC");
  w.expect_good(at(hours(-24 * 6), {}));
  w.expect_bad(at(hours(-24 * 8), {}), "is too old");
  w.expect_bad(response_der({.produced_at = test_now() + hours(1)}, w.ca), "in the future");
  // What was revoked stays revoked, but for a hold.
  const auto old = [&](std::optional<uint8_t> reason) {
    return at(hours(-48), hours(-24), RevocationStatus::revoked, reason);
  };
  EXPECT_EQ(w.verify(old({})).error().code, ErrorCode::certificate_revoked);
  w.expect_bad(old(6), "is too old");
  // Younger ones may be asked for.
  EXPECT_TRUE(w.verify(at(hours(-2), hours(1)), RevocationPolicy::leaf_required, OcspStapling::requested,
                       Seconds(3 * 3600))
                  .ok());
  EXPECT_FALSE(w.verify(at(hours(-2), hours(1)), RevocationPolicy::leaf_required, OcspStapling::requested,
                        Seconds(3600))
                   .ok());
}

TEST(OcspTest, CriticalExtensionsThatAreNotProcessed) {
  const World w;
  w.expect_good(response_der({.extensions = unknown_extension(Critical::no)}, w.ca));
  w.expect_bad(response_der({.extensions = unknown_extension(Critical::yes)}, w.ca), "1.2.3.4");
  w.expect_good(response_der({.answers = {{.extensions = unknown_extension(Critical::no)}}}, w.ca));
  w.expect_bad(response_der({.answers = {{.extensions = unknown_extension(Critical::yes)}}}, w.ca),
               "1.2.3.4");
}

TEST(OcspTest, RefusalsOfTheResponderAreNoProof) {
  const World w;
  for (const int status : {1, 2, 3, 5, 6}) {
    const auto der = to_der(
        [&](DerWriter& w) { w.sequence([&](DerWriter& w) { w.enumerated(static_cast<uint8_t>(status)); }); });
    w.expect_bad(der,
                 "the responder answered " + std::string(name_of(static_cast<OcspResponseStatus>(status))));
  }
}

// RFC 6066 §8
TEST(OcspTest, Rfc6066_8_AStapleThatCannotBeParsedIsBad) {
  const World w;
  w.expect_bad(as_bytes("abc"), "it cannot be parsed");
  const auto der = response_der({}, w.ca);
  for (size_t size = 1; size < der.size(); ++size)
    EXPECT_FALSE(w.verify(Bytes(der).first(size)).ok()) << size;
}

// RFC 7633 §4.3.3
TEST(OcspTest, Rfc7633_4_3_3_MustStaple) {
  const World w(Draft{.more_extensions = write_must_staple});
  const auto missing = w.verify({});
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, ErrorCode::certificate_must_staple);
  EXPECT_EQ(missing.error().row().alert, AlertDescription::bad_certificate);
  EXPECT_THAT(missing.error().detail, HasSubstr("CN=Leaf"));
  EXPECT_TRUE(w.verify({}, RevocationPolicy::if_known, OcspStapling::not_requested).ok())
      << "nobody asked the server";
  EXPECT_TRUE(w.verify({}, RevocationPolicy::ignore).ok());
  w.expect_good(response_der({}, w.ca));
  w.expect_bad(as_bytes("abc"), "cannot be parsed");
  const World plain;
  EXPECT_TRUE(plain.verify({}).ok());
}

// A thousand answers about one certificate cost two hashes, a hundred certificates eight looks.
TEST(OcspTest, WorkIsBounded) {
  const World w;
  const std::vector<AnswerDraft> many(2000);
  w.expect_good(response_der({.answers = many}, w.ca));
  const Entity responder = issue(responder_draft(), &w.ca);
  std::vector<std::vector<uint8_t>> certificates(100, w.leaf.der);
  certificates.push_back(responder.der);
  w.expect_bad(response_der({.certificates = certificates}, w.ca, responder), "came along");
}

// ---- parsing ----------------------------------------------------------------------------------------------

std::string refusal(const ResponseDraft& draft) {
  const Entity ca = issue(ca_draft("CA"));
  const auto response = OcspResponse::from_der(response_der(draft, ca));
  if (response.ok()) return "accepted";
  EXPECT_EQ(response.error().code, ErrorCode::ocsp_response_malformed);
  return response.error().detail;
}

TEST(OcspResponseTest, PartsAreWellFormed) {
  EXPECT_EQ(refusal({}), "accepted");
  EXPECT_THAT(refusal({.type = oid("1.3.6.1.5.5.7.48.1.3")}), HasSubstr("other than basic"));
  EXPECT_NE(refusal({.responder = [](DerWriter&) {}}), "accepted");
  EXPECT_NE(refusal({.responder = [](DerWriter& w) { w.explicit_tag(3, [](DerWriter& w) { w.null(); }); }}),
            "accepted");
  EXPECT_THAT(refusal({.responder =
                           [](DerWriter& w) {
                             w.explicit_tag(2, [](DerWriter& w) { w.octet_string(as_bytes("short")); });
                           }}),
              HasSubstr("SHA-1"));
  EXPECT_NE(refusal({.version = [](DerWriter& w) { w.explicit_tag(0, [](DerWriter& w) { w.integer(1); }); }}),
            "accepted");
  EXPECT_EQ(refusal({.version = [](DerWriter& w) { w.explicit_tag(0, [](DerWriter& w) { w.integer(0); }); }}),
            "accepted")
      << "the default, which some write";
}

TEST(OcspResponseTest, StatusesAreWellFormed) {
  const auto with = [](Writer status) { return refusal({.answers = {{.cert_status = std::move(status)}}}); };
  EXPECT_NE(with([](DerWriter& w) { w.null(); }), "accepted");
  EXPECT_NE(with([](DerWriter& w) { w.value(tag::context(0), as_bytes("x")); }), "accepted");
  EXPECT_NE(with([](DerWriter& w) { w.value(tag::context(3), {}); }), "accepted");
  EXPECT_NE(with([](DerWriter& w) { w.constructed(tag::context_constructed(1), [](DerWriter&) {}); }),
            "accepted");
  // RFC 6960 §4.2.2.1: GeneralizedTime, not UTCTime.
  EXPECT_THAT(with([](DerWriter& w) {
                w.constructed(tag::context_constructed(1), [](DerWriter& w) { w.time(test_now()); });
              }),
              HasSubstr("GeneralizedTime"));
  EXPECT_NE(with([](DerWriter& w) {
              w.constructed(tag::context_constructed(1), [](DerWriter& w) {
                w.generalized_time(test_now());
                w.explicit_tag(0, [](DerWriter& w) { w.enumerated(7); });
              });
            }),
            "accepted");
}

TEST(OcspResponseTest, SuccessComesWithAnswersAndNothingElseDoes) {
  const auto outer = [](uint8_t status, bool answers) {
    const auto der = to_der([&](DerWriter& w) {
      w.sequence([&](DerWriter& w) {
        w.enumerated(status);
        if (answers)
          w.explicit_tag(0, [](DerWriter& w) {
            w.sequence([](DerWriter& w) { w.oid(oids::ocsp_basic), w.octet_string(Bytes{}); });
          });
      });
    });
    const auto response = OcspResponse::from_der(der);
    return response.ok() ? "accepted" : response.error().detail;
  };
  EXPECT_EQ(outer(3, false), "accepted");
  EXPECT_NE(outer(0, false), "accepted");
  EXPECT_NE(outer(3, true), "accepted");
  EXPECT_NE(outer(4, false), "accepted") << "not used";
  EXPECT_NE(outer(7, false), "accepted");
}

// RFC 9654 §2.1
TEST(OcspResponseTest, Rfc9654_2_1_NoncesHave1To128Bytes) {
  const auto nonce = [](size_t size) {
    return refusal({.extensions = [=](DerWriter& w) {
      write_extension(w, oids::ocsp_nonce, Critical::no,
                      [&](DerWriter& w) { w.octet_string(std::vector<uint8_t>(size, 7)); });
    }});
  };
  EXPECT_EQ(nonce(1), "accepted");
  EXPECT_EQ(nonce(128), "accepted");
  EXPECT_NE(nonce(0), "accepted");
  EXPECT_NE(nonce(129), "accepted");
}

TEST(OcspResponseTest, MoreThanOneMiBIsNotLookedAt) {
  const auto response = OcspResponse::from_der(std::vector<uint8_t>((1u << 20) + 1));
  ASSERT_FALSE(response.ok());
  EXPECT_THAT(response.error().detail, HasSubstr("1 MiB"));
}

TEST(OcspResponseTest, AnswersAreVerifiedOutsideOfTls) {
  const World w, other;
  const auto response = OcspResponse::from_der(response_der({}, w.ca)).value();
  const auto status = response->verify(*w.leaf.certificate, *w.ca.certificate, test_now());
  ASSERT_TRUE(status.ok()) << status.error().explain();
  EXPECT_EQ(status->status, RevocationStatus::good);
  EXPECT_EQ(status->serial, "05");
  const auto code = [&](const Certificate& of, const Certificate& issuer, Time now) {
    return response->verify(of, issuer, now).error().code;
  };
  EXPECT_EQ(code(*w.ca.certificate, *w.root.certificate, test_now()), ErrorCode::ocsp_response_bad);
  EXPECT_EQ(code(*w.leaf.certificate, *other.ca.certificate, test_now()), ErrorCode::ocsp_response_bad);
  EXPECT_EQ(code(*w.leaf.certificate, *w.ca.certificate, test_now() + std::chrono::hours(25)),
            ErrorCode::ocsp_response_bad);
}

// ---- requests ---------------------------------------------------------------------------------------------

TEST(OcspRequestTest, WhatIsWrittenIsRead) {
  const World w;
  const std::vector<uint8_t> nonce(32, 0xab);
  const auto request = OcspRequest::create(*w.leaf.certificate, *w.ca.certificate, nonce).value();
  const auto again = OcspRequest::from_der(request.der()).value();
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again.serial(0), "05");
  EXPECT_EQ(to_hex(again.nonce()), to_hex(nonce));
  EXPECT_TRUE(again.is_issued_by(0, *w.ca.certificate));
  EXPECT_FALSE(again.is_issued_by(0, *w.root.certificate));
  EXPECT_TRUE(OcspRequest::create(*w.leaf.certificate, *w.ca.certificate).value().nonce().empty());
  const auto longest = OcspRequest::create(*w.leaf.certificate, *w.ca.certificate, std::vector<uint8_t>(129));
  ASSERT_FALSE(longest.ok());
  EXPECT_EQ(longest.error().code, ErrorCode::bad_argument);
}

/// OCSPRequest with this TBSRequest content and whatever follows it.
std::string request_refusal(Writer tbs, Writer after = {}) {
  const auto der = to_der([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.sequence(tbs);
      if (after) after(w);
    });
  });
  const auto request = OcspRequest::from_der(der);
  if (request.ok()) return "accepted";
  EXPECT_EQ(request.error().code, ErrorCode::ocsp_request_malformed);
  return request.error().detail;
}

void write_request(DerWriter& w) {
  w.sequence([](DerWriter& w) {
    w.sequence([](DerWriter& w) {
      w.sequence([](DerWriter& w) { w.oid(oids::sha1), w.null(); });
      w.octet_string(std::vector<uint8_t>(20)), w.octet_string(std::vector<uint8_t>(20));
      w.integer(5);
    });
  });
}

TEST(OcspRequestTest, PartsAreWellFormed) {
  const auto requests = [](size_t count) -> Writer {
    return [=](DerWriter& w) {
      w.sequence([&](DerWriter& w) {
        for (size_t i = 0; i < count; ++i) write_request(w);
      });
    };
  };
  EXPECT_EQ(request_refusal(requests(1)), "accepted");
  EXPECT_EQ(request_refusal(requests(256)), "accepted");
  EXPECT_THAT(request_refusal(requests(257)), HasSubstr("too many"));
  EXPECT_THAT(request_refusal(requests(0)), HasSubstr("no certificate"));
  EXPECT_NE(request_refusal([](DerWriter&) {}), "accepted");
  EXPECT_NE(request_refusal([&](DerWriter& w) { requests(1)(w), w.null(); }), "accepted");
  EXPECT_NE(request_refusal(requests(1), [](DerWriter& w) { w.null(); }), "accepted");
  EXPECT_NE(request_refusal(
                [&](DerWriter& w) { w.explicit_tag(0, [](DerWriter& w) { w.integer(1); }), requests(1)(w); }),
            "accepted");
  const Writer signature = [](DerWriter& w) {
    w.explicit_tag(0, [](DerWriter& w) {
      w.sequence([](DerWriter& w) {
        w.sequence([](DerWriter& w) { w.oid(oids::ecdsa_sha256); });
        w.bit_string(as_bytes("signature"));
      });
    });
  };
  EXPECT_EQ(request_refusal(requests(1), signature), "accepted");
  const auto with_nonce = [&](size_t size) {
    return request_refusal([&](DerWriter& w) {
      requests(1)(w);
      w.explicit_tag(2, [&](DerWriter& w) {
        w.sequence([&](DerWriter& w) {
          write_extension(w, oids::ocsp_nonce, Critical::no,
                          [&](DerWriter& w) { w.octet_string(std::vector<uint8_t>(size)); });
        });
      });
    });
  };
  EXPECT_EQ(with_nonce(32), "accepted");
  EXPECT_NE(with_nonce(0), "accepted");
  EXPECT_NE(with_nonce(129), "accepted");
}

TEST(OcspRequestTest, MoreThan64KiBAreNotLookedAt) {
  const auto request = OcspRequest::from_der(std::vector<uint8_t>((64u << 10) + 1));
  ASSERT_FALSE(request.ok());
  EXPECT_THAT(request.error().detail, HasSubstr("64 KiB"));
}

}  // namespace
}  // namespace bulla::test
