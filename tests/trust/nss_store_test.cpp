// Browsers' databases in a home of their own, changed by NSS's own certutil.
#include "trust/fixture.h"

namespace bulla::trust {
namespace {

class NssStore : public TrustTest {
 protected:
  void SetUp() override {
    TrustTest::SetUp();
    if (!installed("certutil")) GTEST_SKIP() << "certutil (libnss3-tools) is not installed";
    machine_.program_folders.emplace_back("/usr/bin");
    machine_.run = [](const Command& command) { return run_command(command, Milliseconds{60'000}); };
    // Which browsers this machine has is not asked.
    std::filesystem::create_symlink("/usr/bin/certutil", path("bin/certutil"));
    machine_.program_folders = {path("bin")};
  }
  void make_database(const std::string& folder) const {
    make_folder("home/" + folder);
    must("certutil -N --empty-password -d 'sql:" + path("home/" + folder) + '\'');
  }
  std::string database(const std::string& folder) const { return path("home/" + folder); }
  void add(const std::string& folder, const CertificatePtr& certificate, const std::string& name,
           const std::string& trust = "C,,") const {
    put("add.pem", pem(certificate));
    must("certutil -A -d 'sql:" + database(folder) + "' -n '" + name + "' -t " + trust + " -i add.pem");
  }
  std::string listing(const std::string& folder) const {
    return must("certutil -L -d 'sql:" + database(folder) + '\'');
  }
};

TEST_F(NssStore, EveryPlaceOfEveryBrowserIsFound) {
  const char* const folders[] = {".pki/nssdb",
                                 "snap/chromium/current/.pki/nssdb",
                                 ".var/app/org.chromium.Chromium/.pki/nssdb",
                                 ".mozilla/firefox/abcd.default-release",
                                 ".mozilla/firefox/efgh.work profile",
                                 "snap/firefox/common/.mozilla/firefox/ijkl.default",
                                 ".var/app/org.mozilla.firefox/.mozilla/firefox/mnop.default"};
  make_database(folders[0]);
  for (const char* folder : folders) {
    if (folder == folders[0]) continue;
    make_folder(std::string("home/") + folder);
    for (const char* file : {"cert9.db", "key4.db", "pkcs11.txt"})
      std::filesystem::copy_file(database(folders[0]) + '/' + file, database(folder) + '/' + file);
  }
  make_folder("home/.mozilla/firefox/Crash Reports");
  const auto steps = applied(Change::install, {StoreKind::nss});
  ASSERT_EQ(steps.size(), std::size(folders));
  for (const Step& step : steps) {
    EXPECT_FALSE(step.obstacle) << step.obstacle->message();
    EXPECT_EQ(step.store.standing, Standing::trusted) << step.store.path;
  }
  for (const char* folder : folders) {
    EXPECT_NE(listing(folder).find(entry_name(*root_.certificate)), std::string::npos) << folder;
    EXPECT_EQ(nss_roots(database(folder)).value().size(), 1u);
  }
  for (const Step& step : applied(Change::uninstall, {StoreKind::nss})) EXPECT_FALSE(step.obstacle);
  for (const char* folder : folders) EXPECT_EQ(listing(folder).find("bulla"), std::string::npos) << folder;
}

TEST_F(NssStore, APlanChangesNothing) {
  make_database(".pki/nssdb");
  const std::string before = get("home/.pki/nssdb/cert9.db");
  const auto steps = planned(Change::install, {StoreKind::nss});
  ASSERT_EQ(steps[0].actions.size(), 1u);
  EXPECT_EQ(steps[0].actions[0].command.input, pem(root_.certificate));
  EXPECT_EQ(get("home/.pki/nssdb/cert9.db"), before);
}

TEST_F(NssStore, TwiceIsOnce) {
  make_database(".pki/nssdb");
  applied(Change::install, {StoreKind::nss});
  EXPECT_TRUE(planned(Change::install, {StoreKind::nss})[0].actions.empty());
  applied(Change::uninstall, {StoreKind::nss});
  EXPECT_TRUE(planned(Change::uninstall, {StoreKind::nss})[0].actions.empty());
  EXPECT_EQ(standing(StoreKind::nss), Standing::not_trusted);
}

TEST_F(NssStore, NamesakesAreLeftAlone) {
  make_database(".pki/nssdb");
  const CertificatePtr namesake = make_root("Test Root");
  add(".pki/nssdb", namesake, "Test Root");
  EXPECT_EQ(standing(StoreKind::nss), Standing::other_certificate);
  EXPECT_EQ(applied(Change::install, {StoreKind::nss})[0].store.standing, Standing::trusted);
  EXPECT_EQ(nss_roots(database(".pki/nssdb")).value().size(), 2u);
  EXPECT_EQ(applied(Change::uninstall, {StoreKind::nss})[0].store.standing, Standing::other_certificate);
  EXPECT_TRUE(nss_roots(database(".pki/nssdb")).value().contains(*namesake));
}

TEST_F(NssStore, WhatTheUserImportedStaysTheUsers) {
  make_database(".pki/nssdb");
  add(".pki/nssdb", root_.certificate, "my own choice");
  EXPECT_EQ(standing(StoreKind::nss), Standing::trusted);
  const auto steps = applied(Change::uninstall, {StoreKind::nss});
  ASSERT_EQ(obstacle(steps[0]), ErrorCode::trust_entry_not_ours);
  const std::string advised = "certutil -D -d sql:" + database(".pki/nssdb") + " -n 'my own choice'";
  EXPECT_NE(steps[0].obstacle->remedy.find(advised), std::string::npos) << steps[0].obstacle->remedy;
  EXPECT_EQ(standing(StoreKind::nss), Standing::trusted);
}

// certutil would take out either.
TEST_F(NssStore, ANameThatTwoCertificatesHaveIsNotTakenOut) {
  make_database(".pki/nssdb");
  applied(Change::install, {StoreKind::nss});
  add(".pki/nssdb", make_root("Test Root"), entry_name(*root_.certificate));
  const std::string before = listing(".pki/nssdb");
  const auto steps = applied(Change::uninstall, {StoreKind::nss});
  EXPECT_EQ(obstacle(steps[0]), ErrorCode::trust_entry_not_ours);
  EXPECT_EQ(listing(".pki/nssdb"), before);
}

TEST_F(NssStore, WhatTheUserDistrustedIsNotTrustedBehindTheirBack) {
  make_database(".pki/nssdb");
  add(".pki/nssdb", root_.certificate, "no", "p,p,p");
  const auto steps = applied(Change::install, {StoreKind::nss});
  EXPECT_EQ(obstacle(steps[0]), ErrorCode::trust_entry_not_ours);
  EXPECT_EQ(steps[0].store.standing, Standing::not_trusted);
  EXPECT_NE(steps[0].store.note.find("distrusted"), std::string::npos);
}

TEST_F(NssStore, TrustThatOursLostComesBack) {
  make_database(".pki/nssdb");
  applied(Change::install, {StoreKind::nss});
  must("certutil -M -d 'sql:" + database(".pki/nssdb") + "' -n " + entry_name(*root_.certificate) + " -t ,,");
  EXPECT_EQ(standing(StoreKind::nss), Standing::not_trusted);
  EXPECT_EQ(applied(Change::install, {StoreKind::nss})[0].store.standing, Standing::trusted);
  // And what is there without trust is taken out all the same.
  must("certutil -M -d 'sql:" + database(".pki/nssdb") + "' -n " + entry_name(*root_.certificate) + " -t ,,");
  applied(Change::uninstall, {StoreKind::nss});
  EXPECT_EQ(listing(".pki/nssdb").find("bulla"), std::string::npos);
}

TEST_F(NssStore, ADatabaseIsMadeForABrowserThatHasNotRunYet) {
  EXPECT_EQ(planned(Change::install, {StoreKind::nss})[0].store.standing, Standing::no_store);
  has_program("chromium");
  const auto steps = applied(Change::install, {StoreKind::nss});
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_FALSE(steps[0].obstacle) << steps[0].obstacle->message();
  EXPECT_EQ(steps[0].store.standing, Standing::trusted);
  EXPECT_EQ(std::filesystem::status(database(".pki/nssdb")).permissions(), std::filesystem::perms::owner_all);
}

TEST_F(NssStore, ADatabaseWithAPassphraseIsAFailureThatSaysSoAndDoesNotHang) {
  make_folder("home/.pki/nssdb");
  put("password", "secret word\n");
  must("certutil -N -f password -d 'sql:" + database(".pki/nssdb") + '\'');
  const auto steps = applied(Change::install, {StoreKind::nss});
  ASSERT_EQ(obstacle(steps[0]), ErrorCode::trust_store_failed);
  EXPECT_NE(steps[0].obstacle->detail.find("certutil"), std::string::npos) << steps[0].obstacle->detail;
}

TEST_F(NssStore, ABrokenDatabaseIsUnknownAndNotTouched) {
  make_folder("home/.pki/nssdb");
  put("home/.pki/nssdb/cert9.db", "no database");
  const auto steps = applied(Change::install, {StoreKind::nss});
  EXPECT_EQ(steps[0].store.standing, Standing::unknown);
  EXPECT_EQ(obstacle(steps[0]), ErrorCode::nss_database_broken);
  EXPECT_EQ(get("home/.pki/nssdb/cert9.db"), "no database");
}

TEST_F(NssStore, OneBrokenDatabaseCostsNoOther) {
  make_database(".pki/nssdb");
  make_folder("home/.mozilla/firefox/a");
  put("home/.mozilla/firefox/a/cert9.db", "no database");
  const auto steps = applied(Change::install, {StoreKind::nss});
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_EQ(steps[0].store.standing, Standing::trusted);
  EXPECT_EQ(steps[1].store.standing, Standing::unknown);
}

TEST_F(NssStore, WithoutCertutilItsPackageIsNamed) {
  make_database(".pki/nssdb");
  std::filesystem::remove(path("bin/certutil"));
  const auto steps = applied(Change::install, {StoreKind::nss});
  ASSERT_EQ(obstacle(steps[0]), ErrorCode::trust_tool_missing);
  EXPECT_NE(steps[0].obstacle->remedy.find("libnss3-tools"), std::string::npos);
  EXPECT_EQ(steps[0].store.standing, Standing::not_trusted) << "looking needs no certutil";
}

TEST_F(NssStore, RootDoesNotWriteIntoAUsersHome) {
  make_database(".pki/nssdb");
  if (::geteuid() != 0) GTEST_SKIP() << "not root";
  ASSERT_EQ(::chown((database(".pki/nssdb") + "/cert9.db").c_str(), 12345, 12345), 0);
  const auto steps = applied(Change::install, {StoreKind::nss});
  ASSERT_EQ(obstacle(steps[0]), ErrorCode::trust_store_failed);
  EXPECT_NE(steps[0].obstacle->detail.find("another user"), std::string::npos);
  EXPECT_EQ(steps[0].store.standing, Standing::not_trusted);
}

TEST_F(NssStore, WithoutAHomeThereIsNone) {
  machine_.home.clear();
  EXPECT_EQ(standing(StoreKind::nss), Standing::no_store);
}

}  // namespace
}  // namespace bulla::trust
