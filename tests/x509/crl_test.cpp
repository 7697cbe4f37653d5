// Revocation lists, parsed: RFC 5280 §5.
#include "x509/crl.h"
#include "asn1/pem.h"
#include "crafted_status.h"
#include "x509/serial.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulla::test {
namespace {

using namespace asn1;
using testing::HasSubstr;

const Entity& ca() {
  static const Entity entity = issue(ca_draft("CA"));
  return entity;
}

std::string refusal(const ListDraft& draft) {
  const auto list = RevocationList::from_der(list_der(draft, ca()));
  if (list.ok()) return "accepted";
  EXPECT_EQ(list.error().code, ErrorCode::revocation_list_malformed);
  return list.error().detail;
}

Writer extension(const Oid& oid, Critical critical, Writer value) {
  return [=](DerWriter& w) { write_extension(w, oid, critical, value); };
}

const Oid unheard_of = oid("1.2.3.4");

TEST(CrlTest, SaysWhatItSays) {
  const auto list =
      make_list({.entries = {entry({0x05}, 1), entry({0x00, 0x80}), entry({0x03})}, .number = 300}, ca());
  ASSERT_TRUE(list);
  EXPECT_EQ(list->issuer(), "CN=CA");
  EXPECT_EQ(list->number(), "012c");
  EXPECT_EQ(list->this_update(), test_now() - std::chrono::hours(1));
  EXPECT_EQ(list->next_update(), test_now() + std::chrono::hours(24));
  EXPECT_EQ(list->why_not_used(), "");
  ASSERT_EQ(list->size(), 3u);
  EXPECT_EQ(list->entry(0).serial, "03");
  EXPECT_EQ(list->entry(1).serial, "05");
  EXPECT_EQ(list->entry(2).serial, "80");
  const auto found = list->find("05");
  ASSERT_TRUE(found);
  EXPECT_EQ(found.value().reason, RevocationReason::key_compromise);
  EXPECT_EQ(found.value().revoked_at, test_now() - std::chrono::hours(48));
  EXPECT_FALSE(list->find("80").value().reason);
  EXPECT_TRUE(list->find("0080")) << "leading zeros do not matter";
  for (const char* serial : {"04", "00", "0501", "-05", "", "xyz", "5 "}) EXPECT_FALSE(list->find(serial));
}

TEST(CrlTest, AListWithoutEntriesIsEmpty) {
  const auto list = make_list({}, ca());
  EXPECT_EQ(list->size(), 0u);
  EXPECT_FALSE(list->find("01"));
}

TEST(CrlTest, VersionOneHasNoNumber) {
  const auto list =
      make_list({.version = {}, .next_update = {}, .entries = {entry({7})}, .number = {}}, ca());
  EXPECT_FALSE(list->number());
  EXPECT_FALSE(list->next_update());
  EXPECT_TRUE(list->find("07"));
}

// RFC 5280 §5.1.2.1: the version is v2 where there are extensions.
TEST(CrlTest, Rfc5280_5_1_2_1_VersionsAndExtensionsFit) {
  EXPECT_THAT(refusal({.version = {}}), HasSubstr("v1 list has extensions"));
  EXPECT_THAT(refusal({.version = {}, .entries = {entry({5}, 1)}, .number = {}}),
              HasSubstr("entry with extensions"));
  EXPECT_THAT(refusal({.version = 0}), HasSubstr("version"));
  EXPECT_THAT(refusal({.version = 2}), HasSubstr("out of range"));
}

// RFC 5280 §5.1.1.2: the two signature algorithms are the same.
TEST(CrlTest, Rfc5280_5_1_1_2_AlgorithmsAreTheSame) {
  EXPECT_THAT(refusal({.algorithm =
                           [](DerWriter& w, bool outer) {
                             w.sequence([&](DerWriter& w) {
                               w.oid(outer ? oids::ecdsa_sha256 : oids::ecdsa_sha384);
                             });
                           }}),
              HasSubstr("differ"));
}

// RFC 5280 §5.1.2.3: the issuer has a name.
TEST(CrlTest, Rfc5280_5_1_2_3_TheIssuerHasAName) {
  Entity nobody = ca();
  nobody.name_der = {0x30, 0x00};
  const auto list = RevocationList::from_der(list_der({}, nobody));
  ASSERT_FALSE(list.ok());
  EXPECT_EQ(list.error().code, ErrorCode::revocation_list_malformed);
}

// RFC 5280 §5.1.2.4: UTCTime or GeneralizedTime, without fractions and offsets.
TEST(CrlTest, Rfc5280_5_1_2_4_DatesHaveTheirForm) {
  for (const std::string_view text :
       {"260101000000+0000", "2601010000Z", "20260101000000.5Z", "", "261301000000Z"})
    EXPECT_NE(refusal({.dates = [&](DerWriter& w) { w.value(tag::utc_time, as_bytes(text)); }}), "accepted")
        << text;
  EXPECT_NE(refusal({.dates = [](DerWriter&) {}}), "accepted");
  EXPECT_EQ(refusal({.dates = [](DerWriter& w) { w.generalized_time(test_now()); }}), "accepted");
}

// RFC 5280 §5.1.2.6: where nothing is revoked the list is absent.
TEST(CrlTest, Rfc5280_5_1_2_6_AnEmptyListIsAbsent) {
  EXPECT_THAT(refusal({.revoked = [](DerWriter& w) { w.sequence([](DerWriter&) {}); }}), HasSubstr("empty"));
}

TEST(CrlTest, EntriesAreWellFormed) {
  const auto of = [](Writer body) {
    return ListDraft{.revoked = [=](DerWriter& w) { w.sequence([&](DerWriter& w) { w.sequence(body); }); }};
  };
  EXPECT_NE(refusal(of([](DerWriter&) {})), "accepted");
  EXPECT_NE(refusal(of([](DerWriter& w) { w.integer(5); })), "accepted");
  EXPECT_NE(refusal(of([](DerWriter& w) { w.time(test_now()), w.integer(5); })), "accepted");
  EXPECT_NE(
      refusal(of([](DerWriter& w) { w.integer(5), w.time(test_now()), w.sequence([](DerWriter&) {}); })),
      "accepted");
  EXPECT_NE(refusal(of([](DerWriter& w) { w.integer(5), w.time(test_now()), w.null(); })), "accepted");
  EXPECT_NE(refusal(of([](DerWriter& w) {
              const uint8_t padded[] = {0, 5};
              w.value(tag::integer, padded), w.time(test_now());
            })),
            "accepted");
  EXPECT_NE(refusal({.revoked = [](DerWriter& w) { w.sequence([](DerWriter& w) { w.integer(5); }); }}),
            "accepted");
  EXPECT_EQ(refusal(of([](DerWriter& w) { w.integer(5), w.time(test_now()); })), "accepted");
}

// RFC 5280 §5.3.1: ten reasons; 7 and all beyond 10 are none.
TEST(CrlTest, Rfc5280_5_3_1_ReasonsAreKnownOnes) {
  for (uint8_t reason = 0; reason < 16; ++reason) {
    const bool known = reason <= 10 && reason != 7;
    EXPECT_EQ(refusal({.entries = {entry({5}, reason)}}) == "accepted", known) << int(reason);
  }
  EXPECT_NE(refusal({.entries = {{.extensions = extension(oids::crl_reason, Critical::no,
                                                          [](DerWriter& w) { w.integer(1); })}}}),
            "accepted");
}

TEST(CrlTest, ReasonsHaveNames) {
  for (uint8_t value = 0; value <= 10; ++value) {
    const auto reason = static_cast<RevocationReason>(value);
    if (value != 7) {
      EXPECT_EQ(parse_revocation_reason(name_of(reason)), reason);
    }
  }
  EXPECT_FALSE(parse_revocation_reason("unknown"));
  EXPECT_EQ(name_of(RevocationReason::ca_compromise), "cACompromise");
}

// RFC 5280 §5.3.2: invalidityDate is a GeneralizedTime.
TEST(CrlTest, Rfc5280_5_3_2_InvalidityDate) {
  const auto list = make_list(
      {.entries = {{.extensions = extension(oids::invalidity_date, Critical::no,
                                            [](DerWriter& w) { w.generalized_time(test_now()); })}}},
      ca());
  EXPECT_EQ(list->find("05").value().invalid_since, test_now());
  EXPECT_NE(refusal({.entries = {{.extensions = extension(oids::invalidity_date, Critical::no,
                                                          [](DerWriter& w) { w.time(test_now()); })}}}),
            "accepted");
}

TEST(CrlTest, ExtensionsAreWellFormed) {
  const auto with = [](Writer extensions) { return ListDraft{.more_extensions = std::move(extensions)}; };
  // A second CRL number, a negative one, one that is no number.
  EXPECT_THAT(refusal(with(extension(oids::crl_number, Critical::no, [](DerWriter& w) { w.integer(1); }))),
              HasSubstr("twice"));
  const auto number = [&](Writer value) {
    return ListDraft{.number = {}, .more_extensions = extension(oids::crl_number, Critical::no, value)};
  };
  EXPECT_THAT(refusal(number([](DerWriter& w) {
                const uint8_t minus = 0x80;
                w.value(tag::integer, {&minus, 1});
              })),
              HasSubstr("negative"));
  EXPECT_NE(refusal(number([](DerWriter& w) { w.null(); })), "accepted");
  EXPECT_NE(refusal(number([](DerWriter& w) { w.integer(1), w.integer(1); })), "accepted");
  EXPECT_NE(refusal({.number = {}, .more_extensions = [](DerWriter& w) { w.null(); }}), "accepted");
}

// RFC 5280 §5.2.5: at most one scope.
TEST(CrlTest, Rfc5280_5_2_5_ScopesDoNotContradict) {
  const auto flags = [](std::vector<unsigned> numbers) {
    return ListDraft{.more_extensions = issuing_point([=](DerWriter& w) {
                       const uint8_t yes = 0xff;
                       for (const unsigned n : numbers) w.value(tag::context(n), {&yes, 1});
                     })};
  };
  EXPECT_THAT(refusal(flags({1, 2})), HasSubstr("contradicts"));
  EXPECT_THAT(refusal(flags({1, 5})), HasSubstr("contradicts"));
  EXPECT_THAT(refusal(flags({2, 5})), HasSubstr("contradicts"));
  EXPECT_NE(refusal(flags({2, 1})), "accepted") << "not in their order";
  for (const unsigned one : {1u, 2u, 4u, 5u}) EXPECT_EQ(refusal(flags({one})), "accepted");
  EXPECT_NE(refusal({.more_extensions = issuing_point([](DerWriter& w) {
                       const uint8_t odd = 0x01;
                       w.value(tag::context(1), {&odd, 1});
                     })}),
            "accepted");
}

TEST(CrlTest, SaysWhyItIsNotUsed) {
  const auto why = [](const ListDraft& draft) { return make_list(draft, ca())->why_not_used(); };
  const uint8_t yes = 0xff;
  EXPECT_THAT(why({.more_extensions = extension(oids::delta_crl_indicator, Critical::yes,
                                                [](DerWriter& w) { w.integer(1); })}),
              HasSubstr("delta list"));
  EXPECT_THAT(
      why({.more_extensions = issuing_point([&](DerWriter& w) { w.value(tag::context(4), {&yes, 1}); })}),
      HasSubstr("indirect list"));
  EXPECT_THAT(
      why({.more_extensions = issuing_point([&](DerWriter& w) { w.value(tag::context(5), {&yes, 1}); })}),
      HasSubstr("attribute certificates"));
  EXPECT_THAT(why({.more_extensions = extension(unheard_of, Critical::yes, [](DerWriter& w) { w.null(); })}),
              HasSubstr("1.2.3.4"));
  EXPECT_THAT(why({.entries = {{.extensions =
                                    extension(unheard_of, Critical::yes, [](DerWriter& w) { w.null(); })}}}),
              HasSubstr("1.2.3.4"));
  EXPECT_THAT(why({.entries = {{.extensions = extension(oids::certificate_issuer, Critical::yes,
                                                        [](DerWriter& w) {
                                                          w.sequence([](DerWriter& w) {
                                                            w.value(tag::context(2), as_bytes("a.example"));
                                                          });
                                                        })}}}),
              HasSubstr("indirect list"));
  EXPECT_EQ(why({.more_extensions = extension(unheard_of, Critical::no, [](DerWriter& w) { w.null(); })}),
            "");
}

TEST(CrlTest, ReadsPemAndNamesWhatIsMissing) {
  const auto der = list_der({.entries = {entry({9})}}, ca());
  const std::string pem = encode_pem("X509 CRL", der), certificate = encode_pem("CERTIFICATE", ca().der);
  EXPECT_EQ(RevocationList::from_pem_or_der(as_bytes(certificate + pem + pem)).value().size(), 2u);
  EXPECT_EQ(RevocationList::from_pem_or_der(der).value().size(), 1u);
  const auto code = [](std::string_view text) {
    return RevocationList::from_pem_or_der(as_bytes(text)).error().code;
  };
  EXPECT_EQ(code(certificate), ErrorCode::revocation_list_not_found);
  EXPECT_EQ(code(""), ErrorCode::revocation_list_not_found);
  EXPECT_EQ(code("-----BEGIN X509 CRL-----\n!\n-----END X509 CRL-----\n"), ErrorCode::pem_malformed);
  EXPECT_EQ(code(encode_pem("X509 CRL", ca().der)), ErrorCode::revocation_list_malformed);
}

TEST(CrlTest, EveryCutIsRefused) {
  const auto der = list_der({.entries = {entry({5}, 1), entry({6})}}, ca());
  for (size_t size = 0; size < der.size(); ++size)
    EXPECT_FALSE(RevocationList::from_der(Bytes(der).first(size)).ok()) << size;
  auto longer = der;
  longer.push_back(0);
  EXPECT_FALSE(RevocationList::from_der(longer).ok());
}

// Two hundred thousand entries: one pass, four bytes an entry, found in logarithmic time.
TEST(CrlTest, LongListsAreIndexed) {
  constexpr uint32_t count = 200'000;
  std::vector<EntryDraft> entries;
  // An order that is none: 2654435761 is odd, so that the numbers are all different.
  for (uint32_t i = 1; i <= count; ++i) {
    const uint32_t n = i * 2654435761u;
    entries.push_back({.serial = {0x01, uint8_t(n >> 24), uint8_t(n >> 16), uint8_t(n >> 8), uint8_t(n)}});
  }
  const auto list = make_list({.entries = entries}, ca());
  EXPECT_EQ(list->parsed().by_serial.capacity() * sizeof(uint32_t) <= 8 * count, true);
  for (uint32_t i = 0; i < count; i += 997) EXPECT_TRUE(list->parsed().find(entries[i].serial)) << i;
  EXPECT_FALSE(list->parsed().find(std::vector<uint8_t>{0x01, 0, 0, 0, 0}));
  for (uint32_t i = 1; i < count; i += 10'007) EXPECT_LT(list->entry(i - 1).serial, list->entry(i).serial);
}

TEST(CrlTest, OfOneSerialNumberTwiceTheFirstIsFound) {
  const auto list = make_list({.entries = {entry({5}, 1), entry({4}), entry({5}, 4)}}, ca());
  EXPECT_EQ(list->find("05").value().reason, RevocationReason::key_compromise);
}

TEST(CrlTest, MoreThan64MiBAreNotLookedAt) {
  const std::vector<uint8_t> huge((64u << 20) + 1);
  const auto list = RevocationList::from_der(huge);
  ASSERT_FALSE(list.ok());
  EXPECT_THAT(list.error().detail, HasSubstr("64 MiB"));
}

TEST(SerialTest, TextAndEncoding) {
  const auto parsed = [](std::string_view text) { return x509::parse_serial(text); };
  using V = std::vector<uint8_t>;
  EXPECT_EQ(parsed("00"), V({0}));
  EXPECT_EQ(parsed("7f"), V({0x7f}));
  EXPECT_EQ(parsed("80"), V({0, 0x80}));
  EXPECT_EQ(parsed("abcd"), V({0, 0xab, 0xcd}));
  EXPECT_EQ(parsed("ABC"), V({0x0a, 0xbc}));
  EXPECT_EQ(parsed("-01"), V({0xff}));
  EXPECT_EQ(parsed("-80"), V({0x80}));
  EXPECT_EQ(parsed("-0100"), V({0xff, 0x00}));
  for (const char* text : {"", "-", "0x5", "g", "--5", "5 "}) EXPECT_FALSE(parsed(text)) << text;
  EXPECT_FALSE(parsed(std::string(101, '1')));
  for (const V& v : {V{0}, V{1}, V{0x7f}, V{0, 0x80}, V{0xff}, V{0x80}, V{0xff, 0x00}, V{0x12, 0x34, 0x56}})
    EXPECT_EQ(parsed(x509::print_serial(v)), v);
}

TEST(RevocationListsTest, AreFoundByIssuerAndCopiedOnWrite) {
  const Entity other = issue(ca_draft("Other"));
  RevocationLists lists;
  lists.add(make_list({}, ca()));
  const RevocationLists before = lists;
  EXPECT_EQ(lists.add(list_der({.number = 2}, other)).value(), 1u);
  lists.add(make_list({.number = 3}, ca()));
  EXPECT_EQ(before.size(), 1u);
  EXPECT_EQ(lists.size(), 3u);
  EXPECT_EQ(lists.of_issuer(ca().name_der).size(), 2u);
  EXPECT_EQ(lists.of_issuer(other.name_der).size(), 1u);
  EXPECT_TRUE(before.of_issuer(other.name_der).empty());
  const auto again = lists.of_issuer(ca().name_der)[0];
  lists.add(again);
  EXPECT_EQ(lists.size(), 3u) << "known already";
  EXPECT_FALSE(lists.add(as_bytes("nonsense")).ok());
  EXPECT_EQ(lists.size(), 3u);
}

}  // namespace
}  // namespace bulla::test
