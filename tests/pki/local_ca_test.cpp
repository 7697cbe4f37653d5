// The local CA's folder: made once, kept, renewed in time, never damaged.
#include "pki/openssl_test.h"

#include <bulla/os.h>
#include <bulla/pki.h>

#include <sys/stat.h>
#include <unistd.h>

#include <thread>

namespace bulla::pki {
namespace {

using test::OpensslTest;
using Names = std::vector<std::string>;
using std::chrono::days;

struct LocalCaTest : OpensslTest {
  std::string folder() const { return path("data/bulla"); }
  Result<LocalCa> open(Time now = bulla::now()) const {
    return LocalCa::open({.folder = folder()}, {.now = now});
  }
  unsigned mode(const std::string& file) const {
    struct stat status = {};
    EXPECT_EQ(::stat(file.c_str(), &status), 0) << file;
    return status.st_mode & 0777;
  }
};

TEST_F(LocalCaTest, IsMadeTheFirstTimeAndFoundTheSecond) {
  const auto first = open();
  ASSERT_TRUE(first) << first.error().message();
  EXPECT_TRUE(first->newly_made());
  EXPECT_TRUE(first->certificate().subject().starts_with("CN=Bulla local CA "))
      << first->certificate().subject();
  EXPECT_NE(first->certificate().subject().find('@'), std::string::npos);
  EXPECT_EQ(first->certificate_path(), folder() + "/ca.pem");
  EXPECT_EQ(mode(folder()), 0700u);
  EXPECT_EQ(mode(folder() + "/ca-key.pem"), 0600u);
  EXPECT_EQ(mode(folder() + "/ca.pem"), 0644u);
  EXPECT_EQ(first->certificate().public_key().type, KeyType::ec_p256);
  EXPECT_GT(first->certificate().not_after(), bulla::now() + days(3640));
  EXPECT_EQ(first->roots().size(), 1u);

  const auto second = open();
  ASSERT_TRUE(second);
  EXPECT_FALSE(second->newly_made());
  EXPECT_TRUE(equal_vartime(first->certificate().der(), second->certificate().der()));
}

TEST_F(LocalCaTest, FollowsXdgDataHome) {
  const char* const before = std::getenv("XDG_DATA_HOME");
  const std::string saved = before ? before : "";
  ::setenv("XDG_DATA_HOME", path("xdg").c_str(), 1);
  const auto ca = LocalCa::open();
  if (before)
    ::setenv("XDG_DATA_HOME", saved.c_str(), 1);
  else
    ::unsetenv("XDG_DATA_HOME");
  ASSERT_TRUE(ca) << ca.error().message();
  EXPECT_EQ(ca->folder(), path("xdg") + "/bulla");
}

TEST_F(LocalCaTest, IssuesForThisMachineAndOpensslVerifies) {
  const auto ca = open();
  ASSERT_TRUE(ca);
  const auto fitting = ca->fitting_identity();
  ASSERT_TRUE(fitting) << fitting.error().message();
  EXPECT_TRUE(fitting->newly_issued);
  EXPECT_EQ(fitting->identity->leaf().names(), (Names{"localhost", "127.0.0.1", "::1"}));
  EXPECT_EQ(mode(fitting->key_path), 0600u);
  const std::string base = "openssl verify -x509_strict -purpose sslserver -CAfile " + ca->certificate_path();
  must(base + " -verify_hostname localhost " + fitting->certificate_path);
  must(base + " -verify_ip ::1 " + fitting->certificate_path);
  must("openssl pkey -noout -in " + fitting->key_path);
}

TEST_F(LocalCaTest, ReusesUntilTwoThirdsAreOver) {
  const Time start = bulla::now();
  const auto ca = open(start);
  ASSERT_TRUE(ca);
  const auto first = ca->fitting_identity(LocalCa::local_names(), {.now = start});
  const auto later = ca->fitting_identity(LocalCa::local_names(), {.now = start + days(59)});
  ASSERT_TRUE(first && later);
  EXPECT_FALSE(later->newly_issued);
  EXPECT_TRUE(equal_vartime(first->identity->leaf().der(), later->identity->leaf().der()));
  const auto renewed = ca->fitting_identity(LocalCa::local_names(), {.now = start + days(61)});
  ASSERT_TRUE(renewed);
  EXPECT_TRUE(renewed->newly_issued);
  const auto clock_set_back = ca->fitting_identity(LocalCa::local_names(), {.now = start + days(30)});
  ASSERT_TRUE(clock_set_back);
  EXPECT_TRUE(clock_set_back->newly_issued);
}

TEST_F(LocalCaTest, IssuesAnewWhenNamesDiffer) {
  const auto ca = open();
  ASSERT_TRUE(ca);
  ASSERT_TRUE(ca->fitting_identity({"dev.example", "::1"}));
  EXPECT_FALSE(ca->fitting_identity({"dev.example", "0:0::1"})->newly_issued);
  EXPECT_TRUE(ca->fitting_identity({"dev.example"})->newly_issued);
  EXPECT_TRUE(ca->fitting_identity({"dev.example", "::1", "b.example"})->newly_issued);
  EXPECT_TRUE(ca->fitting_identity({"other.example"})->newly_issued);
  EXPECT_EQ(ca->fitting_identity({}).error().code, ErrorCode::bad_name);
  EXPECT_EQ(ca->fitting_identity({"not a name"}).error().code, ErrorCode::bad_name);
}

TEST_F(LocalCaTest, NoNameReachesTheCasOwnFiles) {
  const auto ca = open();
  ASSERT_TRUE(ca);
  ASSERT_TRUE(ca->fitting_identity({"ca"}));
  ASSERT_TRUE(ca->fitting_identity({"ca-key"}));
  EXPECT_FALSE(open()->newly_made());
}

TEST_F(LocalCaTest, IssuesAnewWhenFilesAreDamagedOrForeign) {
  const auto ca = open();
  ASSERT_TRUE(ca);
  const auto first = ca->fitting_identity();
  ASSERT_TRUE(first);
  put("data/bulla/cert-localhost-key.pem", "garbage");
  EXPECT_TRUE(ca->fitting_identity()->newly_issued);
  put("data/bulla/cert-localhost.pem", first->identity->leaf().der());  // the key of another certificate
  EXPECT_TRUE(ca->fitting_identity()->newly_issued);
  const auto foreign = SelfSigned{.names = LocalCa::local_names()}.issue();
  put("data/bulla/cert-localhost.pem", foreign->chain_pem());
  put("data/bulla/cert-localhost-key.pem", foreign->key.to_pem().reveal());
  EXPECT_TRUE(ca->fitting_identity()->newly_issued);
  // Signed by another CA of the same name.
  const auto twin = LocalCa::open({.folder = path("twin")});
  const auto theirs = twin->fitting_identity();
  put("data/bulla/cert-localhost.pem", to_pem(theirs->identity->chain()));
  put("data/bulla/cert-localhost-key.pem", get("twin/cert-localhost-key.pem"));
  EXPECT_TRUE(ca->fitting_identity()->newly_issued);
  EXPECT_FALSE(ca->fitting_identity()->newly_issued);
}

TEST_F(LocalCaTest, ABrokenCaIsAnErrorAndIsKept) {
  ASSERT_TRUE(open());
  const std::string key = get("data/bulla/ca-key.pem");
  const std::string certificate = get("data/bulla/ca.pem");
  put("data/bulla/ca-key.pem", "garbage");
  const auto broken = open();
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, ErrorCode::local_ca_broken);
  EXPECT_NE(broken.error().detail.find(folder()), std::string::npos);
  must("rm data/bulla/ca-key.pem");
  EXPECT_EQ(open().error().code, ErrorCode::local_ca_broken);
  put("data/bulla/ca-key.pem", KeyPair::generate()->to_pem().reveal());
  EXPECT_EQ(open().error().code, ErrorCode::local_ca_broken);
  put("data/bulla/ca-key.pem", key);
  put("data/bulla/ca.pem", "garbage");
  EXPECT_EQ(open().error().code, ErrorCode::local_ca_broken);
  EXPECT_EQ(get("data/bulla/ca.pem"), "garbage");
  put("data/bulla/ca.pem", certificate);
  EXPECT_TRUE(open());
}

TEST_F(LocalCaTest, AKeyWithoutItsCertificateIsKept) {
  ASSERT_TRUE(open());
  const std::string key = get("data/bulla/ca-key.pem");
  must("mv data/bulla/ca.pem data/bulla/elsewhere.pem");
  const auto broken = open();
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, ErrorCode::local_ca_broken);
  EXPECT_NE(broken.error().explain().find("ca.pem is missing"), std::string::npos)
      << broken.error().explain();
  EXPECT_NE(broken.error().explain().find("move ca-key.pem away"), std::string::npos);
  EXPECT_EQ(get("data/bulla/ca-key.pem"), key);
  // Both remedies work.
  must("mv data/bulla/elsewhere.pem data/bulla/ca.pem");
  EXPECT_FALSE(open()->newly_made());
  must("rm data/bulla/ca.pem && mv data/bulla/ca-key.pem data/bulla/old-key.pem");
  EXPECT_TRUE(open()->newly_made());
}

TEST_F(LocalCaTest, AnExpiredCaIsMadeAgain) {
  const Time start = bulla::now();
  ASSERT_TRUE(open(start));
  EXPECT_FALSE(open(start + days(3600))->newly_made());
  EXPECT_TRUE(open(start + days(3650))->newly_made());
}

TEST_F(LocalCaTest, SaysWhereItCannotWrite) {
  put("data", "a file where a folder should be");
  const auto ca = open();
  ASSERT_FALSE(ca);
  EXPECT_EQ(ca.error().code, ErrorCode::file_not_writable);
}

TEST_F(LocalCaTest, ManyAtTheSameTimeGetTheSameCa) {
  constexpr size_t many = 8;
  std::vector<std::string> serials(many), leaves(many);
  {
    std::vector<std::jthread> threads;
    for (size_t i = 0; i < many; ++i)
      threads.emplace_back([&, i] {
        const auto ca = open();
        if (!ca) return;
        serials[i] = ca->certificate().serial();
        const auto fitting = ca->fitting_identity();
        if (fitting) leaves[i] = fitting->identity->leaf().serial();
      });
  }
  for (size_t i = 0; i < many; ++i) {
    EXPECT_FALSE(serials[i].empty());
    EXPECT_EQ(serials[i], serials[0]);
    EXPECT_FALSE(leaves[i].empty());
    EXPECT_EQ(leaves[i], leaves[0]);
  }
}

}  // namespace
}  // namespace bulla::pki
