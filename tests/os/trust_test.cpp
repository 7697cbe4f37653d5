// Where roots, identities and key logs come from.
#include "os/roots.h"

#include "os/fixture.h"

#include <sys/stat.h>

#include <thread>

namespace bulla {
namespace {

using test::data_path;
using test::Environment;
using test::TemporaryFolder;

TEST(SystemRoots, AreWhereTheEnvironmentSays) {
  const Environment file("SSL_CERT_FILE", data_path("ca.pem").c_str());
  const Environment folder("SSL_CERT_DIR", nullptr);
  EXPECT_EQ(system_roots().value().size(), 1u);
}

TEST(SystemRoots, TakeFoldersWithSkippedRubbishAndNoRepetition) {
  const TemporaryFolder first, second;
  std::filesystem::copy_file(data_path("ca.pem"), first / "0123abcd.0");
  std::filesystem::copy_file(data_path("ca.pem"), first / "the-same.pem");
  std::filesystem::copy_file(data_path("other-ca.pem"), second / "other.pem");
  ASSERT_TRUE(write_file(second / "rubbish.pem",
                         as_bytes("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")));
  const Environment file("SSL_CERT_FILE", nullptr);
  const std::string list = first.path() + "::" + second.path() + ":/no/such/folder";
  const Environment folder("SSL_CERT_DIR", list.c_str());
  EXPECT_EQ(system_roots().value().size(), 2u);
}

TEST(SystemRoots, OneDamagedCertificateCostsNoOther) {
  const TemporaryFolder folder;
  std::string bundle = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  bundle += as_text(read_file(data_path("ca.pem")).value());
  bundle += "-----BEGIN CERTIFICATE-----\nunfinished";
  ASSERT_TRUE(write_file(folder / "bundle.pem", as_bytes(bundle)));
  const std::string path = folder / "bundle.pem";
  const Environment file("SSL_CERT_FILE", path.c_str());
  const Environment folders("SSL_CERT_DIR", nullptr);
  EXPECT_EQ(system_roots().value().size(), 1u);
}

TEST(SystemRoots, NoneIsAnErrorAndTheDistributionsBundleDoesNotStepIn) {
  const Environment file("SSL_CERT_FILE", "/no/such/file");
  const Environment folder("SSL_CERT_DIR", nullptr);
  const auto roots = system_roots();
  ASSERT_FALSE(roots);
  EXPECT_EQ(roots.error().code, ErrorCode::no_system_roots);
  EXPECT_NE(roots.error().detail.find("/no/such/file"), std::string::npos);
}

// Where Debian, Fedora, openSUSE, Arch and Alpine have them.
TEST(SystemRoots, OfEveryDistributionAreFound) {
  for (const char* bundle :
       {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
        "/var/lib/ca-certificates/ca-bundle.pem", "/etc/ca-certificates/extracted/tls-ca-bundle.pem",
        "/etc/pki/tls/cacert.pem", "/etc/ssl/cert.pem", "/etc/ssl/certs/0123abcd.0",
        "/etc/pki/tls/certs/mine.pem"}) {
    const TemporaryFolder system;
    EXPECT_EQ(os::roots_of_distribution(system.path()).error().code, ErrorCode::no_system_roots);
    const std::string place = system.path() + bundle;
    std::filesystem::create_directories(std::filesystem::path(place).parent_path());
    std::filesystem::copy_file(data_path("ca.pem"), place);
    EXPECT_EQ(os::roots_of_distribution(system.path()).value().size(), 1u) << bundle;
  }
}

TEST(SystemRoots, AnEmptyBundleIsPassedOverForTheNext) {
  const TemporaryFolder system;
  std::filesystem::create_directories(system / "etc/ssl/certs");
  ASSERT_TRUE(write_file(system / "etc/ssl/certs/ca-certificates.crt", {}));
  std::filesystem::copy_file(data_path("ca.pem"), system / "etc/ssl/cert.pem");
  EXPECT_EQ(os::roots_of_distribution(system.path()).value().size(), 1u);
}

TEST(SystemRoots, FileAndFoldersOfTheEnvironmentAreBothTaken) {
  const TemporaryFolder folder;
  std::filesystem::copy_file(data_path("other-ca.pem"), folder / "0123abcd.0");
  const Environment file("SSL_CERT_FILE", data_path("ca.pem").c_str());
  const Environment folders("SSL_CERT_DIR", folder.path().c_str());
  EXPECT_EQ(system_roots().value().size(), 2u);
}

TEST(SystemRoots, AnEmptyVariableIsAsGoodAsNone) {
  const Environment file("SSL_CERT_FILE", "");
  const Environment folders("SSL_CERT_DIR", "");
  const auto ours = system_roots(), of_distribution = os::roots_of_distribution("");
  ASSERT_EQ(ours.ok(), of_distribution.ok());
  if (ours) {
    EXPECT_EQ(ours->size(), of_distribution->size());
  }
}

TEST(RootsFromPath, TakeAFileOrAFolder) {
  EXPECT_EQ(roots_from_path(data_path("ca.pem")).value().size(), 1u);
  const TemporaryFolder folder;
  std::filesystem::copy_file(data_path("ca.pem"), folder / "a");
  std::filesystem::copy_file(data_path("other-ca.pem"), folder / "b");
  EXPECT_EQ(roots_from_path(folder.path()).value().size(), 2u);
}

TEST(RootsFromPath, SayWhatIsWrong) {
  const TemporaryFolder folder;
  EXPECT_EQ(roots_from_path(folder / "none").error().code, ErrorCode::file_not_readable);
  EXPECT_EQ(roots_from_path(folder.path()).error().code, ErrorCode::certificate_not_found);
  ASSERT_TRUE(write_file(folder / "key", read_file(data_path("ca.key.pem")).value()));
  const auto key = roots_from_path(folder / "key");
  ASSERT_FALSE(key);
  EXPECT_NE(key.error().detail.find("key"), std::string::npos) << "the message names the file";
}

TEST(IdentityFromFiles, NamesTheFilesInItsErrors) {
  EXPECT_TRUE(Identity::from_pem_files(data_path("p256.pem"), data_path("p256.key.pem")));
  const auto missing = Identity::from_pem_files(data_path("p256.pem"), data_path("none.pem"));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::file_not_readable);
  const auto other = Identity::from_pem_files(data_path("p256.pem"), data_path("client.key.pem"));
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::key_mismatch);
  EXPECT_NE(other.error().detail.find("client.key.pem"), std::string::npos);
}

TEST(KeyLogFile, AppendsWholeLinesAndIsPrivate) {
  const TemporaryFolder folder;
  const std::string path = folder / "keys";
  {
    const KeyLogPtr first = KeyLogFile::open(path).value();
    const KeyLogPtr second = KeyLogFile::open(path).value();
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&, t] {
        for (int i = 0; i < 100; ++i)
          (t % 2 ? first : second)->write(std::string(100, static_cast<char>('a' + t)));
      });
    for (std::thread& thread : threads) thread.join();
  }
  struct stat status = {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  const std::vector<uint8_t> content = read_file(path).value();
  ASSERT_EQ(content.size(), 400u * 101);
  for (size_t at = 0; at < content.size(); at += 101) {
    const std::string_view line = as_text(Bytes(content).subspan(at, 101));
    EXPECT_EQ(line, std::string(100, line[0]) + '\n');
  }
}

TEST(KeyLogFile, ComesFromTheEnvironmentOrNotAtAll) {
  const TemporaryFolder folder;
  const std::string path = folder / "keys";
  {
    const Environment unset("SSLKEYLOGFILE", nullptr);
    EXPECT_EQ(KeyLogFile::from_env(), nullptr);
  }
  {
    const Environment impossible("SSLKEYLOGFILE", "/no/such/folder/keys");
    EXPECT_EQ(KeyLogFile::from_env(), nullptr);
    EXPECT_EQ(KeyLogFile::open("/no/such/folder/keys").error().code, ErrorCode::file_not_writable);
  }
  const Environment set("SSLKEYLOGFILE", path.c_str());
  const KeyLogPtr log = KeyLogFile::from_env();
  ASSERT_NE(log, nullptr);
  log->write("CLIENT_RANDOM 00 11");
  EXPECT_EQ(as_text(read_file(path).value()), "CLIENT_RANDOM 00 11\n");
}

}  // namespace
}  // namespace bulla
