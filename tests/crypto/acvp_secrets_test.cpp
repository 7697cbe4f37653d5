// Hashes and what is made of them by NIST's ACVP (crypto/acvp_cases.h): HMAC, HMAC_DRBG, and the secrets of
// TLS.
#include "base/writer.h"
#include "crypto/acvp_cases.h"
#include "crypto/drbg/hmac_drbg.h"
#include "crypto/hkdf.h"
#include "crypto/hmac.h"
#include "crypto/tls12_prf.h"

namespace bulla::test {
namespace {

ByteVector joined(std::initializer_list<Bytes> parts) {
  ByteVector out;
  for (const Bytes part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

/// The Monte Carlo test: 100 times 1,000 digests, each over the three before it; every thousandth is the seed
/// of the next thousand.
void monte_carlo(const HashAlgorithm& hash, ByteVector seed, const json::array& results) {
  ASSERT_EQ(results.size(), 100u);
  for (const auto& result : results) {
    ByteVector a = seed, b = seed, c = seed;
    for (int i = 0; i < 1000; ++i) {
      ByteVector next = digest(hash, joined({a, b, c}));
      a = std::move(b);
      b = std::move(c);
      c = std::move(next);
    }
    seed = c;
    ASSERT_EQ(seed, hex(result, "md"));
  }
}

void hash_cases(const std::string& name) {
  each_case(name, "", [&](const auto& group, const auto& test, const auto& expected) {
    const HashAlgorithm& hash = *hash_named(name);
    const ByteVector message = hex(test, "msg");
    EXPECT_EQ(test.at("len").as_int64(), static_cast<int64_t>(8 * message.size()));
    if (text_of(group, "testType") == "MCT") {
      monte_carlo(hash, message, expected.at("resultsArray").as_array());
    } else {
      EXPECT_EQ(digest(hash, message), hex(expected, "md"));
    }
    return true;
  });
}
TEST(AcvpSecrets, sha2) {
  hash_cases("SHA2-256");
  hash_cases("SHA2-384");
  hash_cases("SHA2-512");
}

void hmac_cases(const std::string& name, HashId id) {
  each_case(name, "", [&](const auto&, const auto& test, const auto& expected) {
    const HmacKey key(need_hash(id), hex(test, "key"));
    ByteVector mac(key.size());
    key.mac({hex(test, "msg")}, mac);
    const ByteVector wanted = hex(expected, "mac");
    mac.resize(std::min(mac.size(), wanted.size()));  // a shorter MAC is the front of the whole
    EXPECT_EQ(mac, wanted);
    return true;
  });
}
TEST(AcvpSecrets, hmac) {
  hmac_cases("HMAC-SHA2-256", HashId::sha256);
  hmac_cases("HMAC-SHA2-384", HashId::sha384);
  hmac_cases("HMAC-SHA2-512", HashId::sha512);
}

// SP 800-90A §9.3.1: with prediction resistance each request reseeds first, and its additional input goes
// into the seed. Without, additional input goes into generation (§10.1.2.5), which ours does not take.
TEST(AcvpSecrets, hmac_drbg) {
  each_case("hmacDRBG", "", [](const auto& group, const auto& test, const auto& expected) {
    if (!group.at("predResistance").as_bool() && group.at("additionalInputLen").as_int64() != 0) return false;
    const ByteVector entropy = hex(test, "entropyInput"), nonce = hex(test, "nonce"),
                     personal = hex(test, "persoString");
    crypto::HmacDrbg drbg(*hash_named(text_of(group, "mode")), {entropy, nonce, personal});
    ByteVector out(hex(expected, "returnedBits").size());
    for (const auto& input : test.at("otherInput").as_array()) {
      const ByteVector fresh = hex(input, "entropyInput"), additional = hex(input, "additionalInput");
      drbg.reseed({fresh, additional});
      if (text_of(input, "intendedUse") == "generate") drbg.generate(out);
    }
    EXPECT_EQ(out, hex(expected, "returnedBits"));
    return true;
  });
}

// RFC 5246 §8.1, §6.3; TLS 1.0 and 1.1 hash with MD5 and SHA-1.
TEST(AcvpSecrets, tls12) {
  each_case("kdf-components", "tls", [](const auto& group, const auto& test, const auto& expected) {
    const HashAlgorithm* hash = hash_named(text_of(group, "hashAlg"));
    if (!hash || text_of(group, "tlsVersion") != "v1.2") return false;
    ByteVector master(48), block(static_cast<size_t>(group.at("keyBlockLength").as_int64()) / 8);
    tls12_prf(*hash, hex(test, "preMasterSecret"), "master secret",
              {hex(test, "clientHelloRandom"), hex(test, "serverHelloRandom")}, master);
    EXPECT_EQ(master, hex(expected, "masterSecret"));
    tls12_prf(*hash, master, "key expansion", {hex(test, "serverRandom"), hex(test, "clientRandom")}, block);
    EXPECT_EQ(block, hex(expected, "keyBlock"));
    return true;
  });
}

/// Derive-Secret (RFC 9846 §7.1); `messages` is the transcript.
ByteVector derived(const HashAlgorithm& hash, Bytes secret, std::string_view label, Bytes messages) {
  ByteVector info, out(hash.digest_size);
  Writer w(info);
  w.u16(hash.digest_size);
  w.u8_bytes(as_bytes("tls13 " + std::string(label)));
  w.u8_bytes(digest(hash, messages));
  hkdf_expand(hash, secret, info, out);
  return out;
}

// The whole schedule of RFC 9846 §7.1; random numbers stand for the messages. What there is none of, PSK or
// (EC)DHE, is as many zeros as a digest has.
TEST(AcvpSecrets, tls13) {
  each_case("TLS13", "KDF", [](const auto& group, const auto& test, const auto& expected) {
    const HashAlgorithm* hash = hash_named(text_of(group, "hmacAlg"));
    if (!hash) return false;
    const auto input = [&](const char* name) {
      return test.as_object().contains(name) ? hex(test, name) : ByteVector(hash->digest_size);
    };
    const auto extract = [&](Bytes salt, Bytes secret) {
      ByteVector out(hash->digest_size);
      hkdf_extract(*hash, salt, secret, out);
      return out;
    };
    const ByteVector to_client_hello = hex(test, "helloClientRandom"),
                     to_server_hello = joined({to_client_hello, hex(test, "helloServerRandom")}),
                     to_server_finished = joined({to_server_hello, hex(test, "finishedServerRandom")}),
                     to_end = joined({to_server_finished, hex(test, "finishedClientRandom")});
    const ByteVector early = extract({}, input("psk")),
                     handshake = extract(derived(*hash, early, "derived", {}), input("dhe")),
                     master =
                         extract(derived(*hash, handshake, "derived", {}), ByteVector(hash->digest_size));
    const auto check = [&](const char* name, const ByteVector& secret, const char* label,
                           const ByteVector& transcript) {
      EXPECT_EQ(derived(*hash, secret, label, transcript), hex(expected, name)) << name;
    };
    check("clientEarlyTrafficSecret", early, "c e traffic", to_client_hello);
    check("earlyExporterMasterSecret", early, "e exp master", to_client_hello);
    check("clientHandshakeTrafficSecret", handshake, "c hs traffic", to_server_hello);
    check("serverHandshakeTrafficSecret", handshake, "s hs traffic", to_server_hello);
    check("clientApplicationTrafficSecret", master, "c ap traffic", to_server_finished);
    check("serverApplicationTrafficSecret", master, "s ap traffic", to_server_finished);
    check("exporterMasterSecret", master, "exp master", to_server_finished);
    check("resumptionMasterSecret", master, "res master", to_end);
    return true;
  });
}

}  // namespace
}  // namespace bulla::test
