// What PKCS#12 files hold that nobody should have written (RFC 7292 §4.2), and BER that NSS writes or nobody
// should.
#include "pki/pkcs12_material.h"
#include "pki/pkcs12_text.h"

#include <gtest/gtest.h>

namespace bulla::pki {
namespace {

using namespace asn1;
using crafted::Der;
using crafted::ders;
using crafted::encrypted_algorithm_of;
using crafted::expect_refused;
using crafted::expect_same;
using crafted::Material;

// ---- encryption ----------------------------------------------------------------------------------------

TEST(Pkcs12, OldEncryptionIsNamedAndConverted) {
  const std::pair<Oid, const char*> cases[] = {{oid("1.2.840.113549.1.12.1.3"), "3DES"},
                                               {oid("1.2.840.113549.1.12.1.6"), "RC2 of 40 bits"},
                                               {oid("1.2.840.113549.1.12.1.1"), "RC4"},
                                               {oid("1.2.3.4"), "the algorithm 1.2.3.4"}};
  for (const auto& [scheme, words] : cases) {
    const Der algorithm = to_der([&](DerWriter& w) { w.sequence([&](DerWriter& w) { w.oid(scheme); }); });
    const Der file = crafted::file({crafted::encrypted(algorithm, Der(16))});
    expect_refused(file, ErrorCode::pkcs12_unsupported, words);
    expect_refused(file, ErrorCode::pkcs12_unsupported, "`openssl pkcs12 -legacy -aes256 -in FILE -out NEW`");
  }
}

TEST(Pkcs12, APartWithAnotherPassphraseIsTold) {
  expect_refused(crafted::file({crafted::encrypted(crafted::sequence({}), 1, "other")}),
                 ErrorCode::pkcs12_passphrase_wrong, "a part of it");
  const Der algorithm = encrypted_algorithm_of(1);
  expect_refused(crafted::file({crafted::encrypted(algorithm, Der(15))}), ErrorCode::pkcs12_malformed,
                 "cut off");
  expect_refused(crafted::file({crafted::encrypted(algorithm, Der())}), ErrorCode::pkcs12_malformed,
                 "cut off");
}

// ---- bags ----------------------------------------------------------------------------------------------

TEST(Pkcs12, BagsThatMakeNoSenseAreRefused) {
  const Certificate& certificate = *Material::get().other.chain.front();
  const auto refused = [](const Der& bag, std::string_view words) {
    expect_refused(crafted::file_of_bags({bag}), ErrorCode::pkcs12_malformed, words);
  };
  refused(crafted::bag(oid("1.2.3"), [](DerWriter& w) { w.null(); }), "unknown type 1.2.3");
  refused(Der{0x30, 0x00}, "");
  refused(Der{0x04, 0x00}, "");
  refused(crafted::certificate_bag(certificate, crafted::friendly_name({0x00})), "friendly name");
  refused(crafted::certificate_bag(certificate, crafted::friendly_name({0xd8, 0x00})), "friendly name");
  refused(crafted::certificate_bag(
              certificate, crafted::attribute(oids::friendly_name, [](DerWriter& w) { w.boolean(true); })),
          "friendly name");
  refused(crafted::certificate_bag(certificate, crafted::attribute(oids::friendly_name, [](DerWriter&) {})),
          "friendly name");
  refused(crafted::certificate_bag(certificate, [](DerWriter& w) { w.null(); }), "");
  expect_refused(crafted::file_of_bags({crafted::bag(oids::cert_bag,
                                                     [](DerWriter& w) {
                                                       w.sequence([](DerWriter& w) {
                                                         w.oid(oids::x509_certificate);
                                                         w.explicit_tag(0, [](DerWriter& w) {
                                                           w.octet_string(Der{0x30, 0x00});
                                                         });
                                                       });
                                                     })}),
                 ErrorCode::certificate_malformed, "certificate 1 of the file");
  expect_refused(crafted::file_of_bags({crafted::bag(oids::key_bag, [](DerWriter& w) { w.null(); })}),
                 ErrorCode::key_malformed, "");
  expect_refused(
      crafted::file_of_bags({crafted::bag(oids::shrouded_key_bag, [](DerWriter& w) { w.null(); })}),
      ErrorCode::pkcs12_malformed, "");
}

TEST(Pkcs12, BagsInBagsAreReadAFewDeep) {
  const auto nested = [](unsigned depth) {
    Der safe = crafted::sequence({crafted::certificate_bag(*Material::get().other.chain.front())});
    for (unsigned i = 0; i < depth; ++i)
      safe = crafted::sequence({crafted::bag(oids::safe_contents_bag, [&](DerWriter& w) { w.raw(safe); })});
    return crafted::file({crafted::plain_part(safe)});
  };
  EXPECT_EQ(Pkcs12::open(nested(2), "secret").value().further.size(), 1u);
  expect_refused(nested(5), ErrorCode::pkcs12_malformed, "nest");
  expect_refused(nested(50), ErrorCode::pkcs12_malformed, "nest");
}

TEST(Pkcs12, BagsOfOtherThingsAreLeftAside) {
  const auto opened =
      Pkcs12::open(crafted::file_of_bags({crafted::bag(oids::secret_bag, [](DerWriter& w) { w.null(); }),
                                          crafted::bag(oids::crl_bag, [](DerWriter& w) { w.null(); }),
                                          crafted::certificate_bag(*Material::get().other.chain.front())}),
                   "secret");
  ASSERT_TRUE(opened) << opened.error().explain();
  EXPECT_EQ(opened->further.size(), 1u);
}

TEST(Pkcs12, BagsAreBoundedInNumber) {
  std::vector<Der> bags(10'001, crafted::bag(oids::crl_bag, [](DerWriter& w) { w.null(); }));
  expect_refused(crafted::file_of_bags(bags), ErrorCode::pkcs12_malformed, "too many bags");
  std::vector<Der> parts(1001, crafted::plain_part(crafted::sequence({})));
  expect_refused(crafted::file(parts), ErrorCode::pkcs12_malformed, "too many parts");
}

TEST(Pkcs12, OfSeveralKeysOneIsChosenByItsName) {
  const KeyPair a = KeyPair::generate().value(), b = KeyPair::generate().value();
  const auto named = [](std::string_view name) {
    return crafted::friendly_name(to_vector(utf16_of(name)->reveal()));
  };
  const Der file =
      crafted::file_of_bags({crafted::key_bag(a, named("first")), crafted::key_bag(b, named("second"))});
  expect_refused(file, ErrorCode::bad_argument, "2 keys: first, second");
  expect_refused(file, ErrorCode::bad_argument, "no key of that name, but: first, second", "secret",
                 {.friendly_name = "third"});
  const auto opened = Pkcs12::open(file, "secret", {.friendly_name = "second"});
  ASSERT_TRUE(opened) << opened.error().explain();
  EXPECT_TRUE(equal_vartime(opened->key->to_pkcs8().reveal(), b.to_pkcs8().reveal()));
  expect_refused(crafted::file_of_bags({crafted::key_bag(a), crafted::key_bag(b)}), ErrorCode::bad_argument,
                 "(no name)");
}

TEST(Pkcs12, TheChainIsOfTheKeyWhateverTheOrder) {
  const Material& m = Material::get();
  const auto opened = Pkcs12::open(
      crafted::file_of_bags({crafted::certificate_bag(*m.other.chain.front()),
                             crafted::certificate_bag(*m.root.chain.front()), crafted::key_bag(m.leaf->key),
                             crafted::certificate_bag(*m.leaf->chain.front()),
                             crafted::certificate_bag(*m.middle->chain.front())}),
      "secret");
  ASSERT_TRUE(opened) << opened.error().explain();
  expect_same(*opened, m.file(""));
}

// ---- BER (X.690 §8.1.3, §8.7.3) ------------------------------------------------------------------------

TEST(Pkcs12, IndefiniteLengthsAreReadAsNssWritesThem) {
  const Der certificates =
      crafted::sequence({crafted::certificate_bag(*Material::get().other.chain.front())});
  // [0] { 24 80 04.. 04.. 00 00 } for the octets of an OCTET STRING in two pieces.
  const auto in_pieces = [](Bytes octets) {
    Der out = {0x24, 0x80};
    for (const Bytes piece : {octets.first(octets.size() / 2), octets.subspan(octets.size() / 2)}) {
      const Der one = to_der([&](DerWriter& w) { w.octet_string(piece); });
      out.insert(out.end(), one.begin(), one.end());
    }
    out.insert(out.end(), {0, 0});
    return out;
  };
  const auto indefinite = [](uint8_t tag, const std::vector<Der>& parts) {
    Der out = {tag, 0x80};
    for (const Der& part : parts) out.insert(out.end(), part.begin(), part.end());
    out.insert(out.end(), {0, 0});
    return out;
  };
  const Der data_oid = to_der([](DerWriter& w) { w.oid(oids::pkcs7_data); });
  const auto ber_data = [&](Bytes octets) {
    return indefinite(0x30, {data_oid, indefinite(0xa0, {in_pieces(octets)})});
  };
  const Der safe = indefinite(0x30, {ber_data(certificates)});
  const Der three = {2, 1, 3};
  const Der file = indefinite(0x30, {three, ber_data(safe), crafted::mac(safe)});
  EXPECT_TRUE(looks_like_pkcs12(file));
  const auto opened = Pkcs12::open(file, "secret");
  ASSERT_TRUE(opened) << opened.error().explain();
  EXPECT_EQ(ders(opened->further), ders(Material::get().other.chain));
  for (size_t size = 0; size < file.size(); ++size)
    EXPECT_FALSE(Pkcs12::open(Bytes(file).first(size), "secret").ok()) << size;
}

TEST(Pkcs12, WhatEvenBerForbidsIsRefused) {
  for (const auto& [ber, words] : std::vector<std::pair<Der, const char*>>{
           {{0x04, 0x80, 0x00, 0x00}, "primitive element of indefinite length"},
           {{0x30, 0x80, 0x04, 0x01, 0x00}, "cut off"},
           {{0x30, 0x03, 0x30, 0x80, 0x00, 0x00, 0x00}, "cut off"},
           {{0x30, 0x80, 0x00, 0x01, 0x00, 0x00}, "end of contents"},
           {{0x30, 0x80, 0x00, 0x00, 0x00, 0x00}, "bytes follow"},
           {{0x24, 0x80, 0x0c, 0x01, 0x41, 0x00, 0x00}, "piece of an OCTET STRING"},
           {{0x30, 0x81, 0x05, 0x02, 0x01, 0x03, 0x05, 0x00}, "shortest form"},
           {{0x30, 0x85, 0x00, 0x00, 0x00, 0x00, 0x00}, "beyond reason"},
           {{0x3f, 0x01, 0x00}, "tag of more than one octet"},
           {{0x30, 0x82, 0x01}, "cut off"},
           {{0x30, 0x05, 0x02, 0x01, 0x03}, "longer than what holds it"}})
    expect_refused(ber, ErrorCode::pkcs12_malformed, words);
  Der deep;
  for (int i = 0; i < 100'000; ++i) deep.insert(deep.end(), {0x30, 0x80});
  expect_refused(deep, ErrorCode::pkcs12_malformed, "nest too deeply");
  Der deep_pieces;
  for (int i = 0; i < 100'000; ++i) deep_pieces.insert(deep_pieces.end(), {0x24, 0x80});
  expect_refused(deep_pieces, ErrorCode::pkcs12_malformed, "nest too deeply");
}

}  // namespace
}  // namespace bulla::pki
