// PKCS#12 (RFC 7292): what we write we read, and what nobody should have written is refused, by its name.
#include "pki/pkcs12_material.h"
#include "pki/pkcs12_text.h"

#include <gtest/gtest.h>

namespace bulla::pki {
namespace {

using namespace asn1;
using crafted::cheap;
using crafted::Der;
using crafted::encrypted_algorithm_of;
using crafted::expect_refused;
using crafted::expect_same;
using crafted::Material;

// ---- there and back ------------------------------------------------------------------------------------

TEST(Pkcs12, WhatIsWrittenIsRead) {
  for (const Pkcs12Integrity integrity : {Pkcs12Integrity::hmac, Pkcs12Integrity::pbmac1}) {
    const Pkcs12 file = Material::get().file();
    const auto der = file.write({.passphrase = "secret", .iterations = 1000, .integrity = integrity});
    ASSERT_TRUE(der) << der.error().explain();
    EXPECT_TRUE(looks_like_pkcs12(*der));
    const auto again = Pkcs12::open(*der, "secret");
    ASSERT_TRUE(again) << again.error().explain();
    expect_same(*again, file);
    EXPECT_TRUE(again->identity().ok());
    expect_refused(*der, ErrorCode::pkcs12_passphrase_wrong, "passphrase", "Secret");
    expect_refused(*der, ErrorCode::pkcs12_passphrase_needed, "--passphrase-file", "");
  }
}

TEST(Pkcs12, EveryKindOfKeyIsKept) {
  for (const char* kind : {"ecdsa-p256", "ecdsa-p384", "ecdsa-p521", "ed25519", "rsa-2048"}) {
    const auto made = SelfSigned{.names = {"localhost"}, .key = KeyKind::parse(kind).value()}.issue().value();
    const Pkcs12 file{.key = KeyPair::load(made.key.to_pkcs8().reveal()).value(), .chain = made.chain};
    expect_same(Pkcs12::open(file.write(cheap).value(), "secret").value(), file);
  }
}

TEST(Pkcs12, AFileMayHoldCertificatesAloneOrAKeyAlone) {
  const Material& m = Material::get();
  const Pkcs12 certificates{.further = {m.root.chain.front(), m.other.chain.front()}};
  expect_same(Pkcs12::open(certificates.write(cheap).value(), "secret").value(), certificates);
  EXPECT_EQ(certificates.identity().error().code, ErrorCode::key_not_found);
  const Pkcs12 key{.key = KeyPair::generate().value(), .friendly_name = "alone"};
  const auto opened = Pkcs12::open(key.write(cheap).value(), "secret").value();
  expect_same(opened, key);
  EXPECT_FALSE(opened.identity().ok());
}

TEST(Pkcs12, NamesAndPassphrasesMayBeOfAnyAlphabet) {
  // In UTF-8: one to four octets a character; outside the BMP, two units of UTF-16.
  for (const std::string_view text :
       {"pass", "p\xc3\xa4ss", "\xe6\x97\xa5\xe6\x9c\xac", "\xf0\x9f\x94\x92 lock",
        "\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\xf4\x8f\xbf\xbf"}) {
    const Pkcs12 file = Material::get().file(std::string(text));
    const auto der = file.write({.passphrase = text, .iterations = 1}).value();
    expect_same(Pkcs12::open(der, text).value(), file);
    expect_refused(der, ErrorCode::pkcs12_passphrase_wrong, "passphrase", "pass2");
  }
}

// RFC 3629 §4: what is no UTF-8 is no passphrase.
TEST(Pkcs12, APassphraseIsText) {
  const Pkcs12 file = Material::get().file();
  const auto der = file.write(cheap).value();
  for (const std::string_view bad :
       {"\x80", "a\xff", "\xc3", "\xc3(", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xed\xbf\xbf",
        "\xf0\x80\x80\xaf", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xe6\x97"}) {
    EXPECT_FALSE(utf16_of(bad).has_value());
    expect_refused(der, ErrorCode::bad_argument, "UTF-8", bad);
    EXPECT_EQ(file.write({.passphrase = bad, .iterations = 1}).error().code, ErrorCode::bad_argument);
    EXPECT_EQ(Material::get().file(std::string(bad)).write(cheap).error().code, ErrorCode::bad_argument);
  }
}

TEST(Pkcs12, TextGoesThereAndBack) {
  for (const std::string_view text :
       {"", "a", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xef\xbf\xbd", "\xf0\x90\x80\x80"})
    EXPECT_EQ(utf8_of(utf16_of(text)->reveal()), std::string(text));
  EXPECT_EQ(to_hex(utf16_of("\xf0\x9f\x98\x80")->reveal()), "d83dde00");
  const std::vector<std::vector<uint8_t>> bad = {
      {0x00}, {0xd8, 0x00}, {0xdc, 0x00, 0x00, 0x41}, {0xd8, 0x00, 0x00, 0x41}};
  for (const auto& utf16 : bad) EXPECT_FALSE(utf8_of(utf16).has_value());
}

// RFC 7292 §B.1: a passphrase of no characters is two zero octets; programs also write files with no octets
// at all.
TEST(Pkcs12, AnEmptyPassphraseIsTriedInBothForms) {
  const Der safe = crafted::sequence({crafted::plain_part(
      crafted::sequence({crafted::certificate_bag(*Material::get().other.chain.front())}))});
  const Der empty = crafted::mac(safe, {.passphrase = "", .iterations = 3});
  EXPECT_TRUE(Pkcs12::open(crafted::pfx(3, crafted::plain_part(safe), empty), "").ok());
  expect_refused(crafted::pfx(3, crafted::plain_part(safe), empty), ErrorCode::pkcs12_passphrase_wrong, "",
                 "x");
  // HMAC-SHA-256 with the key of no octets, one iteration, salt 00..07: computed with Python's hashlib.
  const Der none_file = crafted::pfx(3, crafted::plain_part(crafted::sequence({})), to_der([](DerWriter& w) {
                                       constexpr uint8_t salt[] = {0, 1, 2, 3, 4, 5, 6, 7};
                                       constexpr uint8_t digest[] = {
                                           0x2e, 0x4d, 0x48, 0xd6, 0x74, 0x68, 0x32, 0x05, 0x65, 0xc8, 0x5c,
                                           0xb0, 0x89, 0xa7, 0xb4, 0x0d, 0x29, 0x26, 0x97, 0xbb, 0xcf, 0x60,
                                           0x39, 0xb4, 0x24, 0x59, 0x92, 0xcb, 0x0c, 0x1d, 0xb8, 0xbc};
                                       w.sequence([&](DerWriter& w) {
                                         w.sequence([&](DerWriter& w) {
                                           w.sequence([](DerWriter& w) { w.oid(oids::sha256), w.null(); });
                                           w.octet_string(digest);
                                         });
                                         w.octet_string(salt);
                                       });
                                     }));
  EXPECT_TRUE(Pkcs12::open(none_file, "").ok());
  expect_refused(none_file, ErrorCode::pkcs12_passphrase_wrong, "", "x");
}

// ---- what is altered -----------------------------------------------------------------------------------

TEST(Pkcs12, AnyAlteredOctetIsNoticed) {
  const Der good = Material::get().file().write(cheap).value();
  for (size_t at = 0; at < good.size(); ++at) {
    Der bad = good;
    bad[at] ^= 0x04;
    EXPECT_FALSE(Pkcs12::open(bad, "secret").ok()) << at;
  }
}

TEST(Pkcs12, AFileThatIsCutOffIsRefused) {
  const Der good = Material::get().file().write(cheap).value();
  for (size_t size = 0; size < good.size(); ++size)
    EXPECT_EQ(Pkcs12::open(Bytes(good).first(size), "secret").error().code, ErrorCode::pkcs12_malformed)
        << size;
  Der longer = good;
  longer.push_back(0);
  expect_refused(longer, ErrorCode::pkcs12_malformed, "bytes follow");
  expect_refused(Der(size_t{17} << 20), ErrorCode::pkcs12_malformed, "16 MiB");
}

// The MAC is checked before anything inside is looked at: with a wrong passphrase, nothing is told of what is
// inside.
TEST(Pkcs12, NothingInsideIsLookedAtBeforeTheMac) {
  const Der nonsense = {0xde, 0xad};
  expect_refused(crafted::around(nonsense), ErrorCode::pkcs12_malformed, "", "secret");
  expect_refused(crafted::around(nonsense), ErrorCode::pkcs12_passphrase_wrong, "", "other");
}

// ---- the outer form (RFC 7292 §4) ----------------------------------------------------------------------

TEST(Pkcs12, OtherFormsAreNamed) {
  const Der safe = crafted::sequence({});
  expect_refused(crafted::pfx(1, crafted::plain_part(safe), crafted::mac(safe)),
                 ErrorCode::pkcs12_unsupported, "version 1");
  expect_refused(crafted::pfx(3, crafted::plain_part(safe), {}), ErrorCode::pkcs12_unsupported,
                 "openssl pkcs12 -nomacver");
  expect_refused(crafted::pfx(3, crafted::content(oids::pkcs7_signed, [](DerWriter& w) { w.null(); }), {}),
                 ErrorCode::pkcs12_unsupported, "signature instead of a passphrase");
  expect_refused(crafted::pfx(3, crafted::content(oids::pkcs7_encrypted, [](DerWriter& w) { w.null(); }), {}),
                 ErrorCode::pkcs12_malformed, "no data");
  expect_refused(crafted::file({crafted::content(oids::pkcs7_enveloped, [](DerWriter& w) { w.null(); })}),
                 ErrorCode::pkcs12_unsupported, "public key instead of a passphrase");
  expect_refused(crafted::file({crafted::content(oids::pkcs7_signed, [](DerWriter& w) { w.null(); })}),
                 ErrorCode::pkcs12_malformed, "no known type");
  EXPECT_FALSE(looks_like_pkcs12(safe));
  EXPECT_FALSE(looks_like_pkcs12({}));
}

/// MacData with any DigestInfo.
Der file_with_mac(const crafted::Write& algorithm, const crafted::Write& iterations) {
  const Der safe = crafted::sequence({});
  const Der mac = to_der([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.sequence([&](DerWriter& w) {
        w.sequence([&](DerWriter& w) { algorithm(w); });
        w.octet_string(Der(32));
      });
      w.octet_string(Der(8));
      iterations(w);
    });
  });
  return crafted::pfx(3, crafted::plain_part(safe), mac);
}

TEST(Pkcs12, MacsThatAreNotUsedAreNamed) {
  const auto one = [](DerWriter& w) { w.integer(1); };
  const auto sha256 = [](DerWriter& w) { w.oid(oids::sha256), w.null(); };
  constexpr Oid md5 = oid("1.2.840.113549.2.5"), sha224 = oid("2.16.840.1.101.3.4.2.4");
  expect_refused(file_with_mac([&](DerWriter& w) { w.oid(md5), w.null(); }, one),
                 ErrorCode::pkcs12_unsupported, "1.2.840.113549.2.5");
  expect_refused(file_with_mac([&](DerWriter& w) { w.oid(sha224), w.null(); }, one),
                 ErrorCode::pkcs12_unsupported, "hash");
  expect_refused(file_with_mac([&](DerWriter& w) { w.oid(oids::sha256), w.integer(1); }, one),
                 ErrorCode::pkcs12_malformed, "parameters");
  expect_refused(file_with_mac(sha256, [](DerWriter& w) { w.integer(0); }), ErrorCode::pkcs12_malformed,
                 "no iterations");
  expect_refused(file_with_mac(sha256, [](DerWriter& w) { w.null(); }), ErrorCode::pkcs12_malformed, "");
}

// A file must not burn minutes: what it asks for is judged before it is spent.
TEST(Pkcs12, IterationsAreBounded) {
  const auto sha256 = [](DerWriter& w) { w.oid(oids::sha256), w.null(); };
  expect_refused(file_with_mac(sha256, [](DerWriter& w) { w.integer(10'000'001); }),
                 ErrorCode::pkcs12_unsupported, "10000001 iterations");
  expect_refused(file_with_mac(sha256, [](DerWriter& w) { w.integer(UINT64_MAX); }),
                 ErrorCode::pkcs12_unsupported, "iterations");
  // An empty passphrase is tried twice.
  expect_refused(file_with_mac(sha256, [](DerWriter& w) { w.integer(6'000'000); }),
                 ErrorCode::pkcs12_unsupported, "altogether", "");
  // Parts that are fine one by one and too much together.
  const Der safe = crafted::sequence({});
  const Der box = encrypted_algorithm_of(9'999'999);
  expect_refused(crafted::file({crafted::encrypted(safe, 10), crafted::encrypted(box, Der(16))}),
                 ErrorCode::pkcs12_unsupported, "altogether");
}

// ---- PBMAC1 (RFC 9579 §5, RFC 8018 §A.5) ---------------------------------------------------------------

struct Pbmac1 {
  std::optional<uint64_t> key_size = 32;
  Oid prf = oids::hmac_sha256, mac = oids::hmac_sha256, kdf = oids::pbkdf2;
  uint64_t iterations = 1;
};
Der file_with_pbmac1(const Pbmac1& how) {
  return file_with_mac(
      [&](DerWriter& w) {
        w.oid(oids::pbmac1);
        w.sequence([&](DerWriter& w) {
          w.sequence([&](DerWriter& w) {
            w.oid(how.kdf);
            w.sequence([&](DerWriter& w) {
              w.octet_string(Der(8));
              w.integer(how.iterations);
              if (how.key_size) w.integer(*how.key_size);
              w.sequence([&](DerWriter& w) { w.oid(how.prf), w.null(); });
            });
          });
          w.sequence([&](DerWriter& w) { w.oid(how.mac), w.null(); });
        });
      },
      [](DerWriter& w) { w.integer(1); });
}

TEST(Pkcs12, Pbmac1IsHeldToItsRules) {
  expect_refused(file_with_pbmac1({}), ErrorCode::pkcs12_passphrase_wrong, "");
  expect_refused(file_with_pbmac1({.key_size = {}}), ErrorCode::pkcs12_malformed, "length of its key");
  expect_refused(file_with_pbmac1({.key_size = 0}), ErrorCode::pkcs12_unsupported, "key of 0 bytes");
  expect_refused(file_with_pbmac1({.key_size = 19}), ErrorCode::pkcs12_unsupported, "key of 19 bytes");
  expect_refused(file_with_pbmac1({.key_size = 65}), ErrorCode::pkcs12_unsupported, "key of 65 bytes");
  expect_refused(file_with_pbmac1({.key_size = uint64_t{1} << 40}), ErrorCode::pkcs12_malformed, "");
  expect_refused(file_with_pbmac1({.mac = oids::hmac_sha1}), ErrorCode::pkcs12_unsupported, "PBMAC1 uses");
  expect_refused(file_with_pbmac1({.mac = oids::sha256}), ErrorCode::pkcs12_unsupported, "PBMAC1 uses");
  expect_refused(file_with_pbmac1({.prf = oids::sha256}), ErrorCode::pkcs12_unsupported, "");
  expect_refused(file_with_pbmac1({.kdf = oids::scrypt}), ErrorCode::pkcs12_unsupported, "PBMAC1 derives");
  expect_refused(file_with_pbmac1({.iterations = 0}), ErrorCode::pkcs12_malformed, "no iterations");
  expect_refused(file_with_pbmac1({.iterations = 10'000'001}), ErrorCode::pkcs12_unsupported, "iterations");
}

// ---- writing -------------------------------------------------------------------------------------------

TEST(Pkcs12, WhatCannotBeWrittenIsRefused) {
  const Material& m = Material::get();
  const auto refused = [](const Pkcs12& file, const Pkcs12Protection& how, ErrorCode code) {
    const auto written = file.write(how);
    ASSERT_FALSE(written.ok());
    EXPECT_EQ(written.error().code, code) << written.error().explain();
  };
  refused(m.file(), {.passphrase = "", .iterations = 1}, ErrorCode::bad_argument);
  refused(m.file(), {.passphrase = "x", .iterations = 0}, ErrorCode::bad_argument);
  refused(m.file(), {.passphrase = "x", .iterations = 2'000'001}, ErrorCode::bad_argument);
  refused(Pkcs12{}, cheap, ErrorCode::bad_argument);
  refused(Pkcs12{.chain = m.other.chain}, cheap, ErrorCode::bad_argument);
  refused(Pkcs12{.key = KeyPair::generate().value(), .chain = m.other.chain}, cheap, ErrorCode::key_mismatch);
  Provider without = default_provider();
  without.key_files = {};
  EXPECT_EQ(m.file().write(cheap, {.provider = &without}).error().code, ErrorCode::key_unsupported);
}

TEST(Pkcs12, AnOutlineTellsTheProtectionWithoutThePassphrase) {
  const auto outline =
      outline_pkcs12(Material::get().file().write({.passphrase = "x", .iterations = 77}).value());
  ASSERT_TRUE(outline);
  EXPECT_EQ(outline->integrity, "HMAC-SHA-256 with 77 iterations");
  ASSERT_EQ(outline->parts.size(), 2u);
  EXPECT_EQ(outline->parts[0], "encrypted: AES-256-CBC, PBKDF2 with HMAC-SHA-256 and 77 iterations");
  EXPECT_EQ(outline->parts[1], "a key: AES-256-CBC, PBKDF2 with HMAC-SHA-256 and 77 iterations");
  const auto plain =
      outline_pkcs12(crafted::file_of_bags({crafted::key_bag(Material::get().leaf->key),
                                            crafted::certificate_bag(*Material::get().other.chain.front())}));
  EXPECT_EQ(plain.value().parts,
            (std::vector<std::string>{"a key, not encrypted", "certificates, not encrypted"}));
  const auto pbmac1 =
      outline_pkcs12(Material::get()
                         .file()
                         .write({.passphrase = "x", .iterations = 77, .integrity = Pkcs12Integrity::pbmac1})
                         .value());
  EXPECT_EQ(pbmac1.value().integrity, "PBMAC1: HMAC-SHA-256, PBKDF2 with HMAC-SHA-256 and 77 iterations");
  EXPECT_EQ(outline_pkcs12(crafted::pfx(3, crafted::plain_part(crafted::sequence({})), {})).value().integrity,
            "none");
  EXPECT_EQ(outline_pkcs12(Der{0x30}).error().code, ErrorCode::pkcs12_malformed);
}

}  // namespace
}  // namespace bulla::pki
