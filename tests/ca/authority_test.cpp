// The folder of a CA: made whole or not at all, opened, and refused where it is not what it was.
#include "ca/fixture.h"

#include <unistd.h>

#include <algorithm>

namespace bulla::ca {
namespace {

using std::chrono::days;

TEST_F(CaTest, ANewCaHasRootIntermediateKeysAndRecords) {
  const Authority ca = make();
  EXPECT_EQ(ca.root().subject(), "CN=Test Root CA");
  EXPECT_EQ(ca.certificate().subject(), "CN=Test Intermediate CA");
  EXPECT_EQ(ca.chain().size(), 2u);
  EXPECT_EQ(ca.root_path(), path("ca/root.pem"));
  EXPECT_FALSE(ca.is_local());
  EXPECT_EQ(mode("ca"), 0700u);
  for (const char* secret : {"ca/root-key.pem", "ca/intermediate-key.pem", "ca/records.sqlite"})
    EXPECT_EQ(mode(secret), 0600u) << secret;
  must("openssl verify -x509_strict -CAfile ca/root.pem ca/root.pem");
  must("openssl verify -x509_strict -CAfile ca/root.pem ca/intermediate.pem");
  EXPECT_EQ(must("openssl x509 -noout -pubkey -in ca/root.pem"),
            must("openssl pkey -pubout -in ca/root-key.pem"));
  EXPECT_EQ(must("openssl x509 -noout -pubkey -in ca/intermediate.pem"),
            must("openssl pkey -pubout -in ca/intermediate-key.pem"));
  EXPECT_NE(text_of(ca.root()).find("CA:TRUE, pathlen:1"), std::string::npos);
  EXPECT_NE(text_of(ca.certificate()).find("CA:TRUE, pathlen:0"), std::string::npos);
  // Nothing else, above all nothing unfinished.
  EXPECT_EQ(must("ls -A ca"),
            "intermediate-key.pem\nintermediate.pem\nrecords.sqlite\nroot-key.pem\nroot.pem\n");
  EXPECT_EQ(must("ls -A"), "ca\ndescribed.pem\n");
}

TEST_F(CaTest, ItsOwnCertificatesAreTheFirstRecords) {
  const auto records = make().records().value();
  ASSERT_EQ(records.size(), 2u);
  for (const Record& record : records) {
    EXPECT_EQ(record.made_for, Template::ca);
    EXPECT_EQ(record.origin, Origin::init);
    EXPECT_EQ(record.state(now()), State::valid);
    EXPECT_LE(now() - record.recorded_at, std::chrono::minutes(1));
  }
  EXPECT_EQ(records[0].certificate->subject(), "CN=Test Root CA");
  EXPECT_EQ(records[1].certificate->subject(), "CN=Test Intermediate CA");
}

TEST_F(CaTest, TheRootsKeyIsNotNeededForIssuing) {
  make();
  must("rm ca/root-key.pem");
  EXPECT_TRUE(open().unlock().value().issue({.names = {"a.example"}}));
}

TEST_F(CaTest, EveryKindOfKeyMakesACa) {
  for (const char* kind : {"ecdsa-p384", "ecdsa-p521", "ed25519", "rsa-2048"}) {
    SCOPED_TRACE(kind);
    const Authority ca =
        Authority::create(path(kind), {.name = "Test", .key = pki::KeyKind::parse(kind).value()}).value();
    const auto issued = ca.unlock().value().issue({.names = {"a.example"}}).value();
    put("chain.pem", issued.chain_pem());
    must("openssl verify -x509_strict -CAfile " + std::string(kind) +
         "/root.pem -untrusted chain.pem chain.pem");
  }
}

TEST_F(CaTest, AnEmptyFolderIsFilledAndParentsAreMade) {
  must("mkdir ca");
  EXPECT_TRUE(Authority::create(folder(), {.name = "Test"}));
  EXPECT_TRUE(Authority::create(path("deep/er/ca") + '/', {.name = "Test"}));
  EXPECT_EQ(mode("deep"), 0700u);
  EXPECT_TRUE(Authority::open(path("deep/er/ca/")));
}

TEST_F(CaTest, NothingThatIsThereIsTouched) {
  must("mkdir ca && echo precious > ca/notes.txt");
  EXPECT_EQ(Authority::create(folder(), {.name = "Test"}).error().code, ErrorCode::ca_exists);
  EXPECT_EQ(must("cat ca/notes.txt; ls -A ca; ls -A"), "precious\nnotes.txt\nca\n");
  ASSERT_TRUE(Authority::create(path("second"), {.name = "Test"}));
  const std::string before = must("cat second/*.pem second/records.sqlite | sha256sum");
  EXPECT_EQ(Authority::create(path("second"), {.name = "Test"}).error().code, ErrorCode::ca_exists);
  EXPECT_EQ(must("cat second/*.pem second/records.sqlite | sha256sum"), before);
  put("file", "x");
  EXPECT_EQ(Authority::create(path("file"), {.name = "Test"}).error().code, ErrorCode::ca_exists);
  EXPECT_EQ(Authority::create(path("file/ca"), {.name = "Test"}).error().code, ErrorCode::file_not_writable);
}

TEST_F(CaTest, TheWorkingFolderIsRefused) {
  must("mkdir here");
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(path("here"));
  const auto made = Authority::create(".", {.name = "Test"});
  std::filesystem::current_path(before);
  EXPECT_EQ(made.error().code, ErrorCode::bad_argument);
  EXPECT_EQ(must("ls -A here; ls -A"), "here\n");
}

TEST_F(CaTest, WhatCannotBeMadeLeavesNothing) {
  const NewAuthority wrong[] = {
      {.name = std::string(49, 'x')},
      {.name = "line\nfeed"},
      {.name = " blank"},
      {.name = "Test", .days = 0},
      {.name = "Test", .days = 36'501},
      {.name = "Test", .intermediate_days = 0},
      {.name = "Test", .permitted = {"*.example.test"}},
      {.name = "Test", .permitted = {"10.0.0.1/8"}},
      {.name = "Test", .crl_url = "https://ca.example.test/ca.crl"},
      {.name = "Test", .ocsp_url = "ocsp.example.test"},
      {.name = "Test", .key = {KeyType::rsa, 1024}},
  };
  for (const NewAuthority& wanted : wrong) {
    const auto made = Authority::create(folder(), wanted);
    ASSERT_FALSE(made);
    const ErrorCode code = made.error().code;
    EXPECT_TRUE(code == ErrorCode::bad_name || code == ErrorCode::bad_argument) << made.error().message();
    EXPECT_EQ(must("ls -A"), "") << made.error().message();
  }
}

TEST_F(CaTest, OfTwoThatAreMadeAtOnceOneIsThere) {
  std::vector<pid_t> children;
  for (int i = 0; i < 4; ++i) {
    const pid_t pid = ::fork();
    if (pid == 0) {
      const auto made = Authority::create(folder(), {.name = "Test"});
      ::_exit(made ? 0 : made.error().code == ErrorCode::ca_exists ? 1 : 2);
    }
    children.push_back(pid);
  }
  int winners = 0;
  for (const pid_t pid : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(pid, &status, 0), pid);
    ASSERT_TRUE(WIFEXITED(status));
    ASSERT_NE(WEXITSTATUS(status), 2);
    winners += WEXITSTATUS(status) == 0 ? 1 : 0;
  }
  EXPECT_EQ(winners, 1);
  EXPECT_EQ(must("ls -A"), "ca\n");
  EXPECT_TRUE(open().unlock());
}

// ---- passphrases ------------------------------------------------------------------------------------------

TEST_F(CaTest, KeysAreEncryptedWithThePassphrase) {
  make({.name = "Test", .passphrase = "correct horse"});
  for (const char* key : {"ca/root-key.pem", "ca/intermediate-key.pem"}) {
    EXPECT_TRUE(get(key).starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----")) << key;
    must("openssl pkey -noout -passin 'pass:correct horse' -in " + std::string(key));
    EXPECT_NE(must("openssl asn1parse -in " + std::string(key)).find("PBKDF2"), std::string::npos);
  }
  const Authority ca = open();
  EXPECT_EQ(ca.unlock().error().code, ErrorCode::key_passphrase_needed);
  const Error wrong = ca.unlock("another").error();
  EXPECT_EQ(wrong.code, ErrorCode::key_passphrase_wrong);
  EXPECT_NE(wrong.detail.find("intermediate-key.pem"), std::string::npos) << wrong.detail;
  EXPECT_EQ(wrong.detail.find("another"), std::string::npos);
  EXPECT_TRUE(ca.unlock("correct horse").value().issue({.names = {"a.example"}}));
  // Without the key: everything but signing.
  EXPECT_EQ(ca.records().value().size(), 3u);
}

TEST_F(CaTest, ScryptIsTakenWhereItIsAskedFor) {
  make({.name = "Test", .passphrase = "correct horse", .derivation = pki::KeyDerivation::scrypt});
  EXPECT_NE(must("openssl asn1parse -in ca/root-key.pem").find(":scrypt"), std::string::npos);
  EXPECT_TRUE(open().unlock("correct horse"));
}

// ---- folders that are not what they were
// --------------------------------------------------------------------

TEST_F(CaTest, AFolderWithoutACaIsSaidToBeThat) {
  EXPECT_EQ(error_of_open(), ErrorCode::ca_not_found);
  must("mkdir ca && echo x > ca/notes.txt");
  EXPECT_EQ(error_of_open(), ErrorCode::ca_not_found);
  EXPECT_FALSE(Authority::is_there(folder()));
  EXPECT_EQ(must("ls -A ca"), "notes.txt\n");
}

TEST_F(CaTest, LostRecordsAreNotReplacedByNewOnes) {
  make();
  must("mv ca/records.sqlite kept");
  EXPECT_EQ(error_of_open(), ErrorCode::ca_records_broken);
  EXPECT_NE(run("ls ca/records.sqlite").status, 0);
  must(": > ca/records.sqlite");
  EXPECT_EQ(error_of_open(), ErrorCode::ca_records_broken);
  EXPECT_EQ(get("ca/records.sqlite").size(), 0u);
  must("mv kept ca/records.sqlite");
  EXPECT_EQ(open().records().value().size(), 2u);
}

TEST_F(CaTest, LostCertificatesAreNamed) {
  make();
  must("mv ca/intermediate.pem kept.pem");
  EXPECT_EQ(error_of_open(), ErrorCode::ca_records_broken);
  EXPECT_TRUE(Authority::is_there(folder()));
  must("mv kept.pem ca/intermediate.pem; mv ca/root.pem kept.pem");
  EXPECT_EQ(error_of_open(), ErrorCode::file_not_readable);
  ASSERT_TRUE(Authority::create(path("other"), {.name = "Test"}));
  must("cp other/root.pem ca/root.pem");
  EXPECT_EQ(error_of_open(), ErrorCode::ca_cannot_sign);
  must("mv kept.pem ca/root.pem; mv ca/intermediate-key.pem kept.pem");
  EXPECT_EQ(open().unlock().error().code, ErrorCode::file_not_readable);
  must("cp other/intermediate-key.pem ca/intermediate-key.pem");
  EXPECT_EQ(open().unlock().error().code, ErrorCode::key_mismatch);
  put("ca/intermediate.pem", "no certificate");
  EXPECT_EQ(error_of_open(), ErrorCode::certificate_malformed);
  const auto leaf = pki::SelfSigned{.names = {"a.example"}}.issue().value();
  put("ca/intermediate.pem", leaf.chain_pem());
  EXPECT_EQ(error_of_open(), ErrorCode::ca_cannot_sign);
}

TEST_F(CaTest, RecordsOfANewerVersionAreLeftAlone) {
  if (!has_sqlite3()) GTEST_SKIP() << "sqlite3 is not installed";
  make();
  sql("PRAGMA user_version = 2");
  const std::string before = get("ca/records.sqlite");
  EXPECT_EQ(error_of_open(), ErrorCode::ca_records_newer);
  EXPECT_EQ(get("ca/records.sqlite"), before);
  sql("PRAGMA user_version = -1");
  EXPECT_EQ(error_of_open(), ErrorCode::ca_records_broken);
  sql("PRAGMA user_version = 0");
  EXPECT_EQ(error_of_open(), ErrorCode::ca_records_broken);
  sql("PRAGMA user_version = 1");
  EXPECT_EQ(open().records().value().size(), 2u);
}

TEST_F(CaTest, ADatabaseOfAnotherProgramIsLeftAlone) {
  if (!has_sqlite3()) GTEST_SKIP() << "sqlite3 is not installed";
  make();
  must("rm ca/records.sqlite");
  sql("CREATE TABLE mine(x); INSERT INTO mine VALUES (1)");
  const std::string before = get("ca/records.sqlite");
  EXPECT_EQ(error_of_open(), ErrorCode::ca_records_broken);
  EXPECT_EQ(get("ca/records.sqlite"), before);
}

/// Whatever is done to the file: it opens and says the same, or it is refused and stays as it is. That it is
/// never written to is what a damaged file needs most.
TEST_F(CaTest, DamagedRecordsAreRefusedAndNotMadeWorse) {
  const Authority ca = make();
  {
    const Issuer issuer = ca.unlock().value();
    for (int i = 0; i < 20; ++i)
      ASSERT_TRUE(issuer.issue({.names = {"host" + std::to_string(i) + ".example"}}));
  }
  const std::string good = get("ca/records.sqlite");
  ASSERT_GT(good.size(), 5u * 4096);
  size_t refused = 0, tried = 0;
  const auto attempt = [&](const std::string& bad) {
    put("ca/records.sqlite", bad);
    ++tried;
    const auto opened = Authority::open(folder());
    const auto records = opened ? opened->records() : opened.error();
    if (!records) {
      ++refused;
      EXPECT_EQ(records.error().code, ErrorCode::ca_records_broken) << records.error().message();
      EXPECT_NE(records.error().detail.find("records.sqlite"), std::string::npos);
    }
    EXPECT_EQ(get("ca/records.sqlite"), bad);
  };
  attempt("this is no database, but it is long enough to be one if nobody looks" + std::string(200, 'x'));
  attempt(good.substr(0, 100));
  attempt(good.substr(0, good.size() / 2));
  attempt(good.substr(0, good.size() - 4096));
  EXPECT_EQ(refused, tried);
  for (size_t page = 0; page < good.size() / 4096; ++page) {
    std::string zeroed = good;
    std::fill_n(zeroed.begin() + static_cast<ptrdiff_t>(page * 4096), 4096, '\0');
    attempt(zeroed);
    std::string garbage = good;
    std::fill_n(garbage.begin() + static_cast<ptrdiff_t>(page * 4096 + 8), 64, '\x5a');
    attempt(garbage);
  }
  EXPECT_GE(refused, tried - 6) << "of " << tried;
  put("ca/records.sqlite", good);
  EXPECT_EQ(open().records().value().size(), 22u);
}

TEST_F(CaTest, ACertificateThatWasAlteredInTheRecordsIsNotBelieved) {
  if (!has_sqlite3()) GTEST_SKIP() << "sqlite3 is not installed";
  const Authority ca = make();
  const std::string serial =
      ca.unlock().value().issue({.names = {"a.example"}}).value().certificate().serial();
  sql("UPDATE certificate SET made_for = 'nothing' WHERE serial = '" + serial + "'");
  EXPECT_EQ(ca.by_serial(serial).error().code, ErrorCode::ca_records_broken);
  sql("UPDATE certificate SET made_for = 'server', serial = '00ff' WHERE serial = '" + serial + "'");
  EXPECT_EQ(ca.by_serial("00ff").error().code, ErrorCode::ca_records_broken);
  sql("UPDATE certificate SET serial = '" + serial + "', der = x'3000' WHERE serial = '00ff'");
  EXPECT_EQ(ca.records().error().code, ErrorCode::ca_records_broken);
}

/// As somebody who may read the folder and not write there. Root may everything, so root becomes nobody for a
/// while.
TEST_F(CaTest, AReadOnlyFolderIsReadAndSaysSo) {
  const Authority made = make();
  const uid_t me = ::geteuid();
  constexpr uid_t nobody = 65534;
  if (me == 0) must("chown -R nobody . && chmod 755 .");
  must("chmod 500 ca && chmod 400 ca/*");
  if (me == 0) {
    ASSERT_EQ(::seteuid(nobody), 0);
  }
  const auto ca = Authority::open(folder());
  const auto records = ca ? ca->records() : ca.error();
  const auto issuer = ca ? ca->unlock() : ca.error();
  const auto issued = issuer ? issuer->issue({.names = {"a.example"}}) : issuer.error();
  const auto beside = Authority::create(folder() + "/ca", {.name = "Test"});
  if (me == 0) {
    ASSERT_EQ(::seteuid(me), 0);
  }
  must("chmod 700 ca");
  ASSERT_TRUE(records) << records.error().message();
  EXPECT_EQ(records->size(), 2u);
  ASSERT_FALSE(issued);
  EXPECT_EQ(issued.error().code, ErrorCode::file_not_writable) << issued.error().message();
  EXPECT_EQ(beside.error().code, ErrorCode::file_not_writable);
}

// ---- its root alone ---------------------------------------------------------------------------------------

TEST_F(CaTest, TheRootIsFoundWithoutKeysAndRecords) {
  const Authority ca = make();
  for (const char* file : {"ca/root-key.pem", "ca/intermediate-key.pem", "ca/records.sqlite"})
    std::filesystem::remove(path(file));
  const RootFile root = find_root(folder()).value();
  EXPECT_TRUE(equal_vartime(root.certificate->der(), ca.root().der()));
  EXPECT_EQ(root.path, folder() + "/root.pem");
}

TEST_F(CaTest, TheRootOfALocalCaIsFoundAndNothingIsWritten) {
  ASSERT_TRUE(pki::LocalCa::open({.folder = folder(), .name = "Local"}));
  EXPECT_EQ(find_root(folder()).value().path, folder() + "/ca.pem");
  EXPECT_FALSE(Authority::keeps_records(folder()));
}

TEST_F(CaTest, WhereThereIsNoRootThatIsSaid) {
  EXPECT_EQ(find_root(folder()).error().code, ErrorCode::ca_not_found);
  make();
  put("ca/root.pem", pki::to_pem(pki::SelfSigned{.names = {"localhost"}}.issue().value().chain));
  EXPECT_EQ(find_root(folder()).error().code, ErrorCode::ca_cannot_sign);
  put("ca/root.pem", "no certificate");
  EXPECT_EQ(find_root(folder()).error().code, ErrorCode::certificate_malformed);
  std::filesystem::remove(path("ca/root.pem"));
  EXPECT_EQ(find_root(folder()).error().code, ErrorCode::file_not_readable);
}

}  // namespace
}  // namespace bulla::ca
