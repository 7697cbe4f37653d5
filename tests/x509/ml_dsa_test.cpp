// ML-DSA in certificates and private keys (RFC 9881).
#include "x509/ml_dsa.h"

#include "asn1/pem.h"
#include "crafted_status.h"
#include "files.h"
#include "key_fixture.h"
#include "support/witness.h"
#include "x509/algorithm.h"
#include "x509/certificate.h"

#include <numeric>

namespace bulla::test {
namespace {

using namespace asn1;
using testing::HasSubstr;
using Write = std::function<void(DerWriter&)>;

struct MlDsa : testing::TestWithParam<x509::MlDsaSet> {
  void SetUp() override {
    if (!default_provider().supports(SignatureAlgorithm::ml_dsa_44))
      GTEST_SKIP() << "this provider has no ML-DSA";
  }
  KeyType type() const { return GetParam().type; }
  /// "ML-DSA-44" + `rest`, a file of RFC 9881 §C.
  std::string example(const std::string& rest) const {
    return key_fixture("rfc9881/" + name_of(type()) + rest);
  }
  CertificatePtr certificate() const {
    return Certificate::from_pem_or_der(as_bytes(example(".crt"))).value().front();
  }
};
INSTANTIATE_TEST_SUITE_P(Sets, MlDsa, testing::ValuesIn(x509::ml_dsa_sets),
                         [](const auto& info) { return std::to_string(info.param.public_key); });

Result<ChainVerified> verify(const Entity& root, const std::vector<CertificatePtr>& chain,
                             const WebPkiVerifier::Options& options = {}) {
  RootStore roots;
  roots.add(root.certificate);
  return WebPkiVerifier(std::move(roots), options).verify({.chain = chain, .now = test_now()});
}

bool signed_by(const Certificate& child, const Certificate& issuer) {
  const PublicKeyView key = issuer.public_key();
  VerifyJob job{.key = &key,
                .algorithm = child.signature_algorithm().value(),
                .message = child.parsed().tbs,
                .signature = child.parsed().signature_value};
  default_provider().signing.verify({&job, 1});
  return job.ok;
}

// ----------------------------------------------------------------------------------------- certificates

// RFC 9881 §C.3.
TEST_P(MlDsa, TheExamplesOfTheRfcVerify) {
  const CertificatePtr one = certificate();
  ASSERT_TRUE(one->has_usable_key());
  EXPECT_EQ(one->public_key().type, type());
  EXPECT_EQ(x509::print_key(one->parsed().public_key), name_of(type()));
  EXPECT_EQ(x509::print_algorithm(one->parsed().signature), name_of(type()));
  EXPECT_EQ(x509::key_bits(one->public_key()), GetParam().public_key * 8);
  EXPECT_TRUE(signed_by(*one, *one));
  EXPECT_EQ(one->subject(), "CN=LAMPS WG, O=IETF");
  // RFC 9881 §C.2: the same key as a SubjectPublicKeyInfo.
  const auto blocks = decode_pem(as_bytes(example(".pub"))).value();
  EXPECT_TRUE(equal_vartime(blocks.front().content.reveal(), one->spki()));
}

// Every octet counts.
TEST_P(MlDsa, AlteredCertificatesDoNotVerify) {
  const CertificatePtr one = certificate();
  const auto der = to_vector(one->der());
  const size_t tbs = static_cast<size_t>(one->parsed().tbs.data() - one->der().data());
  size_t refused = 0;
  for (size_t at = tbs + one->parsed().tbs.size() / 2; at < der.size(); at += 97) {
    auto altered = der;
    altered[at] ^= 1;
    const auto read = Certificate::from_der(altered);
    if (!read) continue;
    ++refused;
    EXPECT_FALSE((*read)->signature_algorithm() && signed_by(**read, *one)) << at;
  }
  EXPECT_GT(refused, 20u);
}

TEST_P(MlDsa, ChainsVerify) {
  for (const KeyType leaf_type : {type(), KeyType::ec_p256}) {
    const Entity root = issue(ca_draft("Root"), nullptr, new_key(type()));
    const Entity ca = issue(ca_draft("CA"), &root, new_key(type()));
    const Entity leaf = issue({.key_usage = 1}, &ca, new_key(leaf_type));
    ASSERT_TRUE(root.certificate && ca.certificate && leaf.certificate);
    const auto proof = verify(root, {leaf.certificate, ca.certificate});
    ASSERT_TRUE(proof) << proof.error().explain();
    EXPECT_EQ(proof->path().size(), 3u);
  }
}

TEST_P(MlDsa, SignaturesOfOtherKeysAndSetsAreRefused) {
  const Entity root = issue(ca_draft("Root"), nullptr, new_key(type()));
  const Entity leaf = issue({}, &root);
  auto der = leaf.der;
  der.back() ^= 1;
  const auto altered = verify(root, {Certificate::from_der(der).value()});
  ASSERT_FALSE(altered);
  EXPECT_EQ(altered.error().code, ErrorCode::certificate_bad_signature);
  // Signed by its key, and said to be of another set.
  for (const x509::MlDsaSet& other : x509::ml_dsa_sets) {
    if (other.type == type()) continue;
    const Write written = [&](DerWriter& w) { w.sequence([&](DerWriter& w) { w.oid(other.oid); }); };
    const Entity mislabelled = issue({.algorithm = [&](DerWriter& w, bool) { written(w); }}, &root);
    const auto refused = verify(root, {mislabelled.certificate});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::certificate_unknown_issuer) << refused.error().explain();
  }
}

// RFC 9881 §2, §3: "The parameters of these signature algorithms MUST be absent".
TEST_P(MlDsa, SignaturesWithParametersAreRefused) {
  const Entity root = issue(ca_draft("Root"), nullptr, new_key(type()));
  const Entity leaf = issue({.algorithm =
                                 [&](DerWriter& w, bool) {
                                   w.sequence([&](DerWriter& w) {
                                     w.oid(GetParam().oid);
                                     w.null();
                                   });
                                 }},
                            &root);
  ASSERT_TRUE(leaf.certificate);
  const auto refused = verify(root, {leaf.certificate});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::certificate_unsupported_algorithm);
}

/// A certificate of a public key that is written by hand.
Result<ChainVerified> verify_key(const Entity& root, const Oid& oid, const Write& parameters, Bytes key) {
  const Entity leaf = issue({.spki =
                                 [&](DerWriter& w) {
                                   w.sequence([&](DerWriter& w) {
                                     w.sequence([&](DerWriter& w) {
                                       w.oid(oid);
                                       parameters(w);
                                     });
                                     w.bit_string(key);
                                   });
                                 }},
                            &root);
  return verify(root, {leaf.certificate});
}

// RFC 9881 §2, §4.
TEST_P(MlDsa, KeysWithParametersOrOfAnotherSizeAreRefused) {
  const Entity root = issue(ca_draft("Root"));
  const Write none = [](DerWriter&) {}, null = [](DerWriter& w) { w.null(); };
  const Write sequence = [](DerWriter& w) { w.sequence([](DerWriter&) {}); };
  const std::vector<uint8_t> key(GetParam().public_key, 1);
  EXPECT_TRUE(verify_key(root, GetParam().oid, none, key));
  for (const Write& parameters : {null, sequence}) {
    const auto refused = verify_key(root, GetParam().oid, parameters, key);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::certificate_unsupported_algorithm);
    EXPECT_THAT(refused.error().explain(), HasSubstr("has parameters"));
  }
  for (const size_t size : {key.size() - 1, key.size() + 1, size_t{32}, size_t{1}}) {
    const auto refused = verify_key(root, GetParam().oid, none, std::vector<uint8_t>(size, 1));
    ASSERT_FALSE(refused) << size;
    EXPECT_THAT(refused.error().explain(), HasSubstr("size of its parameter set"));
  }
  for (const x509::MlDsaSet& other : x509::ml_dsa_sets)
    if (other.type != type()) {
      EXPECT_FALSE(verify_key(root, other.oid, none, key));
    }
}

// RFC 9881 §8.3: HashML-DSA, 2.16.840.1.101.3.4.3.32 to .34, MUST NOT be in certificates.
TEST_P(MlDsa, HashMlDsaIsNotUsed) {
  const Entity root = issue(ca_draft("Root"), nullptr, new_key(type()));
  const std::vector<uint8_t> key(GetParam().public_key, 1);
  for (const Oid& hashed :
       {oid("2.16.840.1.101.3.4.3.32"), oid("2.16.840.1.101.3.4.3.33"), oid("2.16.840.1.101.3.4.3.34")}) {
    const auto refused = verify_key(root, hashed, [](DerWriter&) {}, key);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::certificate_unsupported_algorithm);
    const Entity leaf = issue(
        {.algorithm = [&](DerWriter& w, bool) { w.sequence([&](DerWriter& w) { w.oid(hashed); }); }}, &root);
    EXPECT_EQ(verify(root, {leaf.certificate}).error().code, ErrorCode::certificate_unsupported_algorithm);
  }
}

// RFC 9881 §5: "the keyUsage extension MUST NOT have any of the following bits set".
TEST_P(MlDsa, KeyUsagesOfEncryptionAreRefused) {
  constexpr uint32_t sign = 1, ca_usages = 1u << 5 | 1u << 6;
  const std::pair<unsigned, const char*> wrong[] = {{2, "keyEncipherment"},
                                                    {3, "dataEncipherment"},
                                                    {4, "keyAgreement"},
                                                    {7, "encipherOnly"},
                                                    {8, "decipherOnly"}};
  const Entity root = issue(ca_draft("Root"), nullptr, new_key(type()));
  const auto expect_refused = [](const Result<ChainVerified>& result, const char* words) {
    ASSERT_FALSE(result) << words;
    EXPECT_EQ(result.error().code, ErrorCode::certificate_bad_usage) << result.error().explain();
    EXPECT_THAT(result.error().explain(), HasSubstr(words));
    EXPECT_THAT(result.error().explain(), HasSubstr("RFC 9881 §5"));
  };
  for (const auto& [bit, name] : wrong) {
    const uint32_t more = 1u << bit;
    const Entity leaf = issue({.key_usage = sign | more}, &root, new_key(type()));
    expect_refused(verify(root, {leaf.certificate}), name);
    expect_refused(verify(leaf, {leaf.certificate}), name);  // trusted for itself

    Draft ca = ca_draft("CA");
    ca.key_usage = ca_usages | more;
    const Entity intermediate = issue(ca, &root, new_key(type()));
    const Entity below = issue({}, &intermediate);
    expect_refused(verify(root, {below.certificate, intermediate.certificate}), name);
    const Entity wrong_root = issue(ca, nullptr, new_key(type()));
    expect_refused(verify(wrong_root, {issue({}, &wrong_root).certificate}), name);
    // The rule is for these keys alone.
    EXPECT_TRUE(verify(root, {issue({.key_usage = sign | more}, &root).certificate})) << name;
  }
  for (const uint32_t right : {sign, sign | 2u, sign | ca_usages})
    EXPECT_TRUE(verify(root, {issue({.key_usage = right}, &root, new_key(type())).certificate})) << right;
}

// RFC 9881 §5, of those beside the path who sign lists and OCSP responses.
TEST_P(MlDsa, KeyUsagesOfEncryptionAreRefusedInSignersOfStatus) {
  constexpr uint32_t crl_sign = 1u << 6, encipher = 1u << 2;
  const Entity root = issue(ca_draft("Root"));
  const std::vector<uint8_t> serial = {0x05};
  const Entity leaf = issue({.serial = serial}, &root);
  RootStore roots;
  roots.add(root.certificate);
  const auto verify_with = [&](const RevocationLists& lists, Bytes staple, const CertificatePtr& beside) {
    const std::vector<CertificatePtr> chain = {leaf.certificate, beside};
    const WebPkiVerifier verifier(roots, {.revocation = RevocationPolicy::required, .lists = lists});
    return verifier.verify({.chain = chain, .now = test_now(), .ocsp_response = staple});
  };
  for (const uint32_t more : {0u, encipher})
    for (const KeyType key : {type(), KeyType::ec_p256}) {
      const bool good = key == KeyType::ec_p256 || !more;
      Draft draft{.subject = "Root", .serial = {0x44}, .dns = {}, .key_usage = crl_sign | more};
      const Entity signer = issue(draft, &root, new_key(key));
      RevocationLists lists;
      lists.add(make_list({}, root, &signer));
      EXPECT_EQ(verify_with(lists, {}, signer.certificate).ok(), good) << "a list, " << more;
      draft = responder_draft();
      draft.key_usage = 1u | more;
      const Entity responder = issue(draft, &root, new_key(key));
      const auto staple = response_der({.certificates = {responder.der}}, root, responder);
      const auto result = verify_with({}, staple, leaf.certificate);
      EXPECT_EQ(result.ok(), good) << "a response, " << more;
      if (!good) {
        EXPECT_THAT(result.error().detail, HasSubstr("RFC 9881 §5"));
      }
    }
}

TEST_P(MlDsa, AProviderWithoutItSaysWhatItLacks) {
  BULLA_NEED_WITNESS();
  const Entity root = issue(ca_draft("Root"), nullptr, new_key(type()));
  WebPkiVerifier::Options options;
  options.provider = witness();
  const auto refused = verify(root, {issue({}, &root).certificate}, options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::certificate_unsupported_algorithm);
  EXPECT_THAT(refused.error().explain(), HasSubstr("signed with " + name_of(type())));
}

// ----------------------------------------------------------------------------------------- private keys

Result<SigningKeyPtr> load(Bytes file) {
  BULLA_TRY(const PrivateKeyMaterial material, parse_private_key(file, {}));
  return default_provider().signing.load(material);
}

// RFC 9881 §C.1: one seed in all forms.
TEST_P(MlDsa, TheExampleKeysOfTheRfcAreOne) {
  std::vector<uint8_t> seed(32);
  std::iota(seed.begin(), seed.end(), uint8_t{0});
  const CertificatePtr one = certificate();
  for (const auto& [form, has_seed, has_expanded] :
       {std::tuple("seed", true, false), {"expanded", false, true}, {"both", true, true}}) {
    const std::string file = example(std::string("-") + form + ".priv");
    const auto material = parse_private_key(as_bytes(file), {});
    ASSERT_TRUE(material) << form << ": " << material.error().explain();
    EXPECT_EQ(material->type, type());
    EXPECT_EQ(equal_vartime(material->scalar.reveal(), seed), has_seed) << form;
    EXPECT_EQ(material->expanded.size(), has_expanded ? GetParam().expanded_key : 0u) << form;
    const auto key = default_provider().signing.load(*material);
    ASSERT_TRUE(key) << form << ": " << key.error().explain();
    EXPECT_TRUE(Identity::create({one}, *key)) << form;
    // No truncation of it is taken for a key.
    const auto blocks = decode_pem(as_bytes(file)).value();
    const Bytes der = blocks.front().content.reveal();
    for (size_t n = 0; n < der.size(); n += 1 + n / 64)
      EXPECT_FALSE(parse_private_key(der.first(n), {})) << n;
  }
}

// RFC 9881 §C.4.
TEST(MlDsaKeys, TheBadExamplesOfTheRfcAreRefused) {
  if (!default_provider().supports(SignatureAlgorithm::ml_dsa_44))
    GTEST_SKIP() << "this provider has no ML-DSA";
  for (const char* number : {"1", "2", "3"}) {
    const auto key = load(as_bytes(key_fixture(std::string("rfc9881/bad-ML-DSA-44-") + number + ".priv")));
    ASSERT_FALSE(key) << number;
    EXPECT_EQ(key.error().code, ErrorCode::private_key_inconsistent) << number << key.error().explain();
  }
}

/// A OneAsymmetricKey (RFC 5958 §2) around `key`.
std::vector<uint8_t> pkcs8(
    const Write& algorithm, const Write& key, const Write& after = [](DerWriter&) {}, uint64_t version = 0) {
  return to_der([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.integer(version);
      w.sequence([&](DerWriter& w) { algorithm(w); });
      w.octet_string([&](DerWriter& w) { key(w); });
      after(w);
    });
  });
}

// RFC 9881 §6: the tag tells the three forms apart, "rather than any other heuristic like length".
TEST_P(MlDsa, OnlyTheThreeFormsAreKeys) {
  const size_t expanded = GetParam().expanded_key;
  const auto bytes = [](size_t size) { return std::vector<uint8_t>(size, 1); };
  const auto octets = [&](size_t size) -> Write {
    return [=](DerWriter& w) { w.octet_string(bytes(size)); };
  };
  const auto tagged = [&](uint8_t tag, size_t size) -> Write {
    return [=](DerWriter& w) { w.value(tag, bytes(size)); };
  };
  const auto row = [](std::vector<Write> parts) -> Write {
    return [=](DerWriter& w) {
      w.sequence([&](DerWriter& w) {
        for (const Write& part : parts) part(w);
      });
    };
  };
  const Write algorithm = [](DerWriter& w) { w.oid(GetParam().oid); };
  const uint8_t seed_tag = tag::context(0);
  EXPECT_TRUE(parse_private_key(pkcs8(algorithm, tagged(seed_tag, 32)), {}));
  EXPECT_TRUE(parse_private_key(pkcs8(algorithm, octets(expanded)), {}));
  EXPECT_TRUE(parse_private_key(pkcs8(algorithm, row({octets(32), octets(expanded)})), {}));
  const std::pair<const char*, Write> wrong[] = {
      {"a seed as OCTET STRING", octets(32)},
      {"an expanded key as [0]", tagged(seed_tag, expanded)},
      {"a short seed", tagged(seed_tag, 31)},
      {"a long seed", tagged(seed_tag, 33)},
      {"an empty seed", tagged(seed_tag, 0)},
      {"a constructed [0]", [&](DerWriter& w) { w.explicit_tag(0, octets(32)); }},
      {"[1]", tagged(tag::context(1), 32)},
      {"a short expanded key", octets(expanded - 1)},
      {"a long expanded key", octets(expanded + 1)},
      {"nothing", [](DerWriter&) {}},
      {"two keys", [&](DerWriter& w) { tagged(seed_tag, 32)(w), octets(expanded)(w); }},
      {"an empty sequence", row({})},
      {"a seed and nothing", row({octets(32)})},
      {"the other order", row({octets(expanded), octets(32)})},
      {"a tagged seed beside", row({tagged(seed_tag, 32), octets(expanded)})},
      {"three parts", row({octets(32), octets(expanded), octets(32)})},
      {"a short seed beside", row({octets(31), octets(expanded)})},
      {"a short expanded key beside", row({octets(32), octets(expanded - 1)})},
  };
  for (const auto& [what, key] : wrong) {
    const auto refused = parse_private_key(pkcs8(algorithm, key), {});
    ASSERT_FALSE(refused) << what;
    EXPECT_EQ(refused.error().code, ErrorCode::key_malformed) << what;
  }
}

// RFC 9881 §2: the parameters of a private key's algorithm are absent as well.
TEST_P(MlDsa, PrivateKeysWithParametersAreRefused) {
  const Write seed = [](DerWriter& w) { w.value(tag::context(0), std::vector<uint8_t>(32, 1)); };
  const Write algorithm = [](DerWriter& w) {
    w.oid(GetParam().oid);
    w.null();
  };
  expect_error(parse_private_key(pkcs8(algorithm, seed), {}), ErrorCode::key_malformed, "has parameters");
}

// RFC 9881 §6, RFC 5958 §2: a public key beside the private one is its own.
TEST_P(MlDsa, APublicKeyBesideIsThePrivateKeysOwn) {
  const auto with_public = [](std::vector<uint8_t> point, uint8_t unused = 0) {
    point.insert(point.begin(), unused);
    return pkcs8([](DerWriter& w) { w.oid(GetParam().oid); },
                 [](DerWriter& w) {
                   std::vector<uint8_t> seed(32);
                   std::iota(seed.begin(), seed.end(), uint8_t{0});
                   w.value(tag::context(0), seed);
                 },
                 [&](DerWriter& w) { w.value(tag::context(1), point); }, 1);
  };
  const auto own = to_vector(certificate()->public_key().point);
  EXPECT_TRUE(load(with_public(own)));
  auto other = own;
  other.back() ^= 1;
  EXPECT_EQ(load(with_public(other)).error().code, ErrorCode::private_key_inconsistent);
  for (const size_t size : {own.size() - 1, own.size() + 1, size_t{0}}) {
    other = own;
    other.resize(size);
    EXPECT_EQ(load(with_public(other)).error().code, ErrorCode::key_malformed) << size;
  }
  other = own;
  other.back() = static_cast<uint8_t>(other.back() & 0xfe);
  EXPECT_EQ(load(with_public(other, 1)).error().code, ErrorCode::key_malformed);
}

// ----------------------------------------------------------------------------- sets outside the tree

// ML-DSA-44 under 65 under 87, by another implementation.
TEST(MlDsaVectors, BoringSslsChain) {
  const std::string base = "x509/boringssl-pki/verify_unittest/mldsa-";
  const auto read = [&](const char* name) -> CertificatePtr {
    const auto text = read_text(base + name + ".pem");
    return text ? Certificate::from_pem_or_der(as_bytes(*text)).value().front() : nullptr;
  };
  const CertificatePtr root = read("root"), ca = read("intermediate"), leaf = read("leaf");
  if (!leaf) GTEST_SKIP() << "missing test data: " << base;
  if (!default_provider().supports(SignatureAlgorithm::ml_dsa_44))
    GTEST_SKIP() << "this provider has no ML-DSA";
  RootStore roots;
  roots.add(root);
  const Time then = Time(std::chrono::sys_days(std::chrono::year(2026) / 4 / 6));
  const std::vector<CertificatePtr> chain = {leaf, ca};
  const auto proof = WebPkiVerifier(roots).verify({.chain = chain, .now = then});
  ASSERT_TRUE(proof) << proof.error().explain();
  EXPECT_EQ(proof->path().size(), 3u);
  EXPECT_FALSE(WebPkiVerifier(roots).verify({.chain = {&leaf, 1}, .now = then}));
  report_cases("x509/boringssl-pki verify ML-DSA", 1);
}

}  // namespace
}  // namespace bulla::test
