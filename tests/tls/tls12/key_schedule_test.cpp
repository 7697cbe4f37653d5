// The TLS 1.2 key schedule against values of other implementations.
#include "tls/tls12/key_exchange.h"

#include "support/vectors.h"

#include <gtest/gtest.h>

namespace bulla::tls::tls12 {
namespace {

using test::from_hex;

const HashAlgorithm& hash_named(std::string_view name) {
  const HashId id = name.find("384") != std::string_view::npos   ? HashId::sha384
                    : name.find("512") != std::string_view::npos ? HashId::sha512
                                                                 : HashId::sha256;
  return *default_provider().hash(id);
}
const HashAlgorithm& sha256() {
  return hash_named("SHA256");
}

PremasterSecret premaster(Bytes bytes) {
  return PremasterSecret(SecretBytes(bytes));
}

// The connection of "The Illustrated TLS 1.2 Connection": randoms, X25519 secret, transcript hashes,
// verify_data.
const char* const traced_secret = "df4a291baa1eb7cfa6934b29b474baad2697e29f1f920dcc77c8a0a088447624";
const char* const traced_master =
    "916abf9da55973e13614ae0a3f5d3f37b023ba129aee02cc9134338127cd7049781c8e19fc1eb2a7387ac06ae237344c";

struct Traced {
  std::vector<uint8_t> client = from_hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
  std::vector<uint8_t> server = from_hex("707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f");
  Randoms randoms() const { return {client, server}; }
  MasterSecret master() const { return premaster(from_hex(traced_secret)).master(sha256(), randoms()); }
};

TEST(Tls12KeySchedule, MasterSecretOfATrace) {  // RFC 5246 §8.1
  EXPECT_EQ(to_hex(Traced().master().reveal()), traced_master);
}

TEST(Tls12KeySchedule, VerifyDataOfATrace) {
  const MasterSecret master = Traced().master();
  const auto before_client = from_hex("061dda04b3c2217ff73bd79b9cf88a2bb6ec505404aac8722db03ef417b54cb4");
  const auto before_server = from_hex("b2017ba28d0e27f03ae327456b6ff00b4d5bbf0ef7cda83ce1029b521c3e7c35");
  EXPECT_EQ(to_hex(verify_data(sha256(), master, Role::client, before_client)), "cf919626f1360c536aaad73a");
  EXPECT_EQ(to_hex(verify_data(sha256(), master, Role::server, before_server)), "844d3c10746dd722f92f0c7e");
}

TEST(Tls12KeySchedule, ExtendedMasterSecretBindsTheSessionHash) {  // RFC 7627 §4
  std::vector<uint8_t> session_hash(48);
  for (size_t i = 0; i < session_hash.size(); ++i) session_hash[i] = static_cast<uint8_t>(i);
  const MasterSecret master =
      premaster(from_hex(traced_secret)).extended_master(hash_named("SHA384"), session_hash);
  EXPECT_EQ(
      to_hex(master.reveal()),  // openssl kdf TLS1-PRF
      "e45d89b55311a03214520a362a404ff745c82e60602a8ff78aeee886a32d734816bb8dd8330127d9e04b61a1a98078e8");
  session_hash[0] ^= 1;
  const MasterSecret other =
      premaster(from_hex(traced_secret)).extended_master(hash_named("SHA384"), session_hash);
  EXPECT_NE(to_hex(other.reveal()), to_hex(master.reveal()));
}

// RFC 5705 §4: no context is not the same as an empty one.
TEST(Tls12KeySchedule, ExporterTellsNoContextFromAnEmptyOne) {
  const Traced traced;
  const ExporterSecret master = traced.master().exporter();
  std::vector<uint8_t> out(20);
  export_keying_material(sha256(), master, traced.randoms(), "EXPORTER-x", std::nullopt, out);
  EXPECT_EQ(to_hex(out), "9c1c78d150fbace4c6ba07637cec3cf95d92269d");
  export_keying_material(sha256(), master, traced.randoms(), "EXPORTER-x", Bytes(), out);
  EXPECT_EQ(to_hex(out), "4f8ad811ce02c970393a8300a924d99874d9e688");
}

// RFC 5246 §6.3, RFC 5288 §3, RFC 7905 §2: client key, server key, client IV, server IV, in this order and no
// more.
TEST(Tls12KeySchedule, KeyBlockIsCutByTheSuitesSizes) {
  const Traced traced;
  const MasterSecret master = MasterSecret::from_session(from_hex(traced_master));
  struct Case {
    CipherSuite suite;
    size_t key, iv;
  };
  for (const Case& c : {Case{CipherSuite::ecdhe_ecdsa_with_aes_128_gcm_sha256, 16, 4},
                        Case{CipherSuite::ecdhe_rsa_with_aes_256_gcm_sha384, 32, 4},
                        Case{CipherSuite::ecdhe_rsa_with_chacha20_poly1305_sha256, 32, 12}}) {
    const Suite& suite = *find_suite(c.suite);
    KeyBlock block = expand(default_provider(), suite, master, traced.randoms());
    const ReadKeys client_read = client_reads(std::move(block.server));
    const WriteKeys client_write = client_writes(std::move(block.client));
    std::vector<uint8_t> all(client_write.secret.reveal().begin(), client_write.secret.reveal().end());
    const auto append = [&](Bytes bytes) { all.insert(all.end(), bytes.begin(), bytes.end()); };
    append(client_read.secret.reveal());
    append(Bytes(client_write.iv).first(c.iv));
    append(Bytes(client_read.iv).first(c.iv));
    EXPECT_EQ(client_write.secret.size(), c.key) << name_of(c.suite);
    EXPECT_EQ(client_write.version, ProtocolVersion::tls12);
    EXPECT_EQ(client_write.suite, &suite);
    for (size_t i = c.iv; i < aead_nonce_size; ++i) EXPECT_EQ(client_write.iv[i], 0);

    // An exporter labelled "key expansion" with the randoms swapped is the same PRF call.
    std::vector<uint8_t> block_bytes(2 * (c.key + c.iv));
    export_keying_material(*default_provider().hash(suite.hash),
                           MasterSecret::from_session(from_hex(traced_master)).exporter(),
                           {traced.server, traced.client}, "key expansion", std::nullopt, block_bytes);
    EXPECT_EQ(to_hex(all), to_hex(block_bytes)) << name_of(c.suite);
  }
}

TEST(Tls12KeySchedule, BothSidesGetTheSameKeys) {
  const Traced traced;
  const MasterSecret master = traced.master();
  const Suite& suite = *find_suite(CipherSuite::ecdhe_ecdsa_with_aes_128_gcm_sha256);
  KeyBlock ours = expand(default_provider(), suite, master, traced.randoms());
  KeyBlock theirs = expand(default_provider(), suite, master, traced.randoms());
  EXPECT_EQ(to_hex(client_writes(std::move(ours.client)).secret.reveal()),
            to_hex(server_reads(std::move(theirs.client)).secret.reveal()));
  EXPECT_EQ(to_hex(client_reads(std::move(ours.server)).secret.reveal()),
            to_hex(server_writes(std::move(theirs.server)).secret.reveal()));
}

/// `prefix:hexadecimal` of OpenSSL's evp files.
std::vector<uint8_t> after_colon(std::string_view text) {
  return from_hex(text.substr(text.find(':') + 1));
}

TEST(Tls12KeySchedule, NistVectors) {
  const auto text = test::read_text("nist/openssl-evp/evpkdf_tls12_prf.txt");
  BULLA_NEED_VECTORS(text, "nist/openssl-evp");
  size_t cases = 0;
  for (const test::Block& block : test::parse_blocks(*text)) {
    if (block.has("Result") || !block.has("Ctrl.client_random") || !block.has("Ctrl.server_random")) continue;
    const HashAlgorithm& hash = hash_named(block.text("Ctrl.digest"));
    const auto client = after_colon(block.text("Ctrl.client_random"));
    const auto server = after_colon(block.text("Ctrl.server_random"));
    const auto secret = after_colon(block.text("Ctrl.Secret"));
    const auto expected = block.bytes("Output");
    const std::string_view label = block.text("Ctrl.label");
    if (label.ends_with("master secret")) {
      EXPECT_EQ(to_hex(premaster(secret).master(hash, {client, server}).reveal()), to_hex(expected));
      ++cases;
    } else if (label.ends_with("key expansion") && hash.id == HashId::sha256 && secret.size() == 48) {
      const Suite& suite = *find_suite(CipherSuite::ecdhe_rsa_with_chacha20_poly1305_sha256);
      KeyBlock keys = expand(default_provider(), suite, MasterSecret::from_session(secret), {client, server});
      EXPECT_EQ(to_hex(keys.client.keys.secret.reveal()), to_hex(Bytes(expected).subspan(0, 32)));
      EXPECT_EQ(to_hex(keys.server.keys.secret.reveal()), to_hex(Bytes(expected).subspan(32, 32)));
      EXPECT_EQ(to_hex(keys.client.keys.iv), to_hex(Bytes(expected).subspan(64, 12)));
      EXPECT_EQ(to_hex(keys.server.keys.iv), to_hex(Bytes(expected).subspan(76, 12)));
      ++cases;
    }
  }
  EXPECT_GT(cases, 2u);
  test::report_cases("nist/openssl-evp/evpkdf_tls12_prf.txt", cases);
}

TEST(Tls12KeySchedule, OnlyEcdheGroups) {
  using enum NamedGroup;
  for (const NamedGroup group : {secp256r1, secp384r1, secp521r1, x25519}) EXPECT_TRUE(is_ecdhe(group));
  for (const NamedGroup group : {secp256r1mlkem768, x25519mlkem768, secp384r1mlkem1024, NamedGroup{0x0100}})
    EXPECT_FALSE(is_ecdhe(group));
}

// Keys of one side cannot be installed for the other.
static_assert(!std::is_invocable_v<decltype(client_reads), ClientWriteKeys>);
static_assert(!std::is_invocable_v<decltype(server_reads), ServerWriteKeys>);
static_assert(!std::is_invocable_v<decltype(client_writes), ServerWriteKeys>);
static_assert(!std::is_invocable_v<decltype(server_writes), ClientWriteKeys>);
// A premaster secret is used up by its master secret, and a master secret by its exporter.
static_assert(!std::is_copy_constructible_v<PremasterSecret> && !std::is_copy_constructible_v<MasterSecret>);

}  // namespace
}  // namespace bulla::tls::tls12
