// The openssl provider where libcrypto's configuration gives it little: its tables hold what works, and
// nothing ends the process. Each configuration is tried in a process of its own, since libcrypto reads it
// once.
#include <bulla/config.h>
#include <bulla/openssl_provider.h>

#include <gtest/gtest.h>
#include <openssl/core_dispatch.h>
#include <openssl/err.h>
#include <openssl/provider.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

namespace bulla::test {
namespace {

/// Ends the process with a sentence where the claim is wrong.
void expect(bool claim, const char* what) {
  if (claim) return;
  std::fprintf(stderr, "not so: %s\n", what);
  std::exit(1);
}

/// A variable of the environment, for as long as this lives; nullptr: none of that name.
class Environment {
 public:
  Environment(const char* name, const char* value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    set(value);
  }
  ~Environment() { set(before_ ? before_->c_str() : nullptr); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  void set(const char* value) const {
    if (value)
      setenv(name_, value, 1);
    else
      unsetenv(name_);
  }

  const char* name_;
  std::optional<std::string> before_;
};

/// Tries `check` in a new process whose OPENSSL_CONF is a file of this text, and whose tests run with the
/// builtin provider, so that nothing asks libcrypto before the check.
void under_config(const char* text, void (*check)()) {
  const std::string path =
      testing::TempDir() + testing::UnitTest::GetInstance()->current_test_info()->name() + ".cnf";
  std::ofstream(path) << text;
  const Environment config("OPENSSL_CONF", path.c_str());
  const Environment provider("BULLA_TEST_PROVIDER", nullptr);
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // the new process begins with main(), not in our midst
  EXPECT_EXIT((check(), std::exit(0)), testing::ExitedWithCode(0), "");
}

/// Whatever the tables hold works.
void expect_tables_to_work(const Provider& provider) {
  for (const AeadAlgorithm* aead : provider.aeads) {
    const std::vector<uint8_t> key(aead->key_size);
    std::vector<uint8_t> record(3 + aead_tag_size);
    const Bytes piece = Bytes(record).first(3);
    aead->make_key(key)->seal(record, {}, {}, {&piece, 1});
    expect(aead->make_key(key)->open(record, {}, {}), "an AEAD opens what it sealed");
  }
  for (const GroupAlgorithm* group : provider.groups) {
    GenerateJob mine;
    group->generate(*provider.random, {&mine, 1});
    EncapsulateJob theirs{.peer_share = mine.share};
    group->encapsulate(*provider.random, {&theirs, 1});
    DecapsulateJob back{.private_key = &mine.private_key, .peer_share = theirs.share};
    group->decapsulate({&back, 1});
    expect(mine.ok && theirs.ok && back.ok, "a group agrees");
  }
  std::vector<SignatureAlgorithm> signing;
  for (const KeyType type : {KeyType::rsa, KeyType::ec_p256, KeyType::ec_p384, KeyType::ed25519}) {
    const auto material = provider.signing.generate(type, 2048, *provider.random);
    const auto key = material ? provider.signing.load(*material) : material.error();
    for (const SignatureAlgorithm algorithm : provider.signatures) {
      SignJob job{.algorithm = algorithm};
      if (key) (*key)->sign(*provider.random, {&job, 1});
      if (!job.ok) continue;
      const PublicKeyView view = (*key)->public_key();
      VerifyJob check{.key = &view, .algorithm = algorithm, .signature = job.signature};
      provider.signing.verify({&check, 1});
      expect(check.ok, "a signature verifies");
      signing.push_back(algorithm);
    }
  }
  for (const SignatureAlgorithm algorithm : provider.signatures)
    expect(std::ranges::count(signing, algorithm) > 0, "every signature algorithm signs by some key");
  uint8_t digest[max_digest_size];
  for (const HashAlgorithm* hash : provider.hashes) HashContext(*hash).finish(digest);
  uint8_t bytes[32] = {};
  provider.random->fill(bytes);
  expect(std::ranges::any_of(bytes, [](uint8_t byte) { return byte != 0; }), "random bytes are random");
}

/// Calls past the tables are refused, and end nothing.
void expect_no_abort(const Provider& provider) {
  using enum SignatureAlgorithm;
  const std::vector<uint8_t> number(256, 0xff), e = {3}, point(65, 4), seed(32, 1);
  const PublicKeyView keys[] = {{.type = KeyType::rsa, .modulus = number, .exponent = e},
                                {.type = KeyType::ec_p256, .point = point},
                                {.type = KeyType::ed25519, .point = seed}};
  for (const PublicKeyView& key : keys)
    for (const auto algorithm : {rsa_pkcs1_sha256, rsa_pss_sha256, ecdsa_sha256, ed25519}) {
      VerifyJob job{.key = &key, .algorithm = algorithm, .signature = number};
      provider.signing.verify({&job, 1});
      expect(!job.ok, "garbage does not verify");
    }
  for (const KeyType type :
       {KeyType::rsa, KeyType::ec_p256, KeyType::ec_p384, KeyType::ec_p521, KeyType::ed25519}) {
    const auto material = provider.signing.generate(type, 2048, *provider.random);
    const auto key = material ? provider.signing.load(*material) : material.error();
    for (const auto algorithm : {rsa_pkcs1_sha256, rsa_pss_sha256, ecdsa_sha256, ed25519}) {
      SignJob job{.algorithm = algorithm};
      if (key) (*key)->sign(*provider.random, {&job, 1});
      expect(!job.ok || provider.supports(algorithm), "nothing signs that is in no table");
    }
  }
}

/// None of libcrypto's providers that has algorithms.
constexpr const char* base_only = R"(openssl_conf = init
[init]
providers = providers
[providers]
base = base
[base]
activate = 1
)";

TEST(LibcryptoConfig, with_no_algorithm_at_all_the_tables_are_empty) {
  under_config(base_only, [] {
    ERR_clear_error();
    const Provider& provider = openssl_provider();
    expect(provider.aeads.empty(), "no AEAD");
    expect(provider.groups.empty(), "no group");
    expect(provider.signatures.empty(), "no signature");
    expect(!provider.key_files.cbc_encrypt && !provider.key_files.cbc_decrypt, "no AES-CBC");
    expect_tables_to_work(provider);
    expect_no_abort(provider);
    const auto config = make_client_config({.common = {.provider = &provider}, .roots = RootStore()});
    expect(!config && config.error().detail.find("no cipher suite") != std::string::npos,
           "a config says that nothing fits");
    expect(ERR_peek_error() == 0, "libcrypto's queue of errors is as it was");
  });
}

/// A provider of libcrypto's: the default one, but for algorithms that the FIPS provider has not.
struct Partial {
  static bool is_hidden(const OSSL_ALGORITHM& algorithm) {
    const std::string names(algorithm.algorithm_names);
    return names.starts_with("ChaCha20") || names.starts_with("ED25519");
  }
  static const OSSL_ALGORITHM* query(void*, int operation, int* no_cache) {
    static std::vector<OSSL_ALGORITHM> kept[OSSL_OP__HIGHEST + 1];
    std::vector<OSSL_ALGORITHM>& table = kept[operation];
    table.clear();
    for (auto* at = OSSL_PROVIDER_query_operation(whole(), operation, no_cache); at && at->algorithm_names;
         ++at)
      if (!is_hidden(*at)) table.push_back(*at);
    table.push_back({});
    return table.data();
  }
  static OSSL_PROVIDER* whole() {
    static OSSL_LIB_CTX* const context = OSSL_LIB_CTX_new();
    static OSSL_PROVIDER* const provider = OSSL_PROVIDER_load(context, "default");
    return provider;
  }
  static int init(const OSSL_CORE_HANDLE*, const OSSL_DISPATCH*, const OSSL_DISPATCH** out, void** context) {
    static const OSSL_DISPATCH functions[] = {
        {OSSL_FUNC_PROVIDER_QUERY_OPERATION, reinterpret_cast<void (*)()>(query)}, {}};
    *out = functions;
    *context = OSSL_PROVIDER_get0_provider_ctx(whole());
    return 1;
  }
};

TEST(LibcryptoConfig, what_a_narrower_provider_lacks_is_not_offered) {
  under_config("", [] {
    expect(OSSL_PROVIDER_add_builtin(nullptr, "partial", Partial::init) == 1 &&
               OSSL_PROVIDER_load(nullptr, "partial"),
           "libcrypto takes a provider of ours");
    const Provider& provider = openssl_provider();
    expect(provider.aeads.size() == 2 && !provider.aead(AeadId::chacha20_poly1305), "both AES-GCM");
    expect(provider.groups.size() == 3, "all groups");
    expect(provider.signatures.size() == 9 && !provider.supports(SignatureAlgorithm::ed25519),
           "all signatures but Ed25519");
    expect_tables_to_work(provider);
    expect_no_abort(provider);
    expect(make_client_config({.common = {.provider = &provider}, .roots = RootStore()}).ok(), "a config");
    const auto named = make_client_config(
        {.common = {.cipher_suites = {CipherSuite::chacha20_poly1305_sha256}, .provider = &provider},
         .roots = RootStore()});
    expect(!named && named.error().detail.find("is not supported by the provider") != std::string::npos,
           "what is named must be there");
  });
}

TEST(LibcryptoConfig, as_it_comes_everything_is_there) {
  under_config("", [] {
    const Provider& provider = openssl_provider();
    expect(provider.aeads.size() == 3 && provider.groups.size() == 3 && provider.signatures.size() == 10,
           "all entries");
    expect(provider.key_files.cbc_encrypt && provider.key_files.cbc_decrypt, "AES-CBC");
    expect_tables_to_work(provider);
  });
}

}  // namespace
}  // namespace bulla::test
