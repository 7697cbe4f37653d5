// Java's keystores (its keytool pretended), Node's variable, what is refused, and the records.
#include "trust/fixture.h"

namespace bulla::trust {
namespace {

/// Keystores as tables of aliases, which a pretended keytool lists and changes.
class JavaStore : public TrustTest {
 protected:
  using Keystore = std::map<std::string, std::string>;

  void SetUp() override {
    TrustTest::SetUp();
    has_program("keytool");
    programs_["keytool"] = [this](const Command& command) { return keytool(command); };
  }
  std::string add_jdk(const std::string& name) {
    make_folder("sys/usr/lib/jvm/" + name + "/lib/security");
    const std::string file = "sys/usr/lib/jvm/" + name + "/lib/security/cacerts";
    put(file, "keystore");
    keystores_[path(file)] = {{"somebody", pem(make_root("Somebody"))}};
    return path(file);
  }
  CommandResult keytool(const Command& command) {
    const auto value = [&](const std::string& flag) {
      const auto at = std::find(command.arguments.begin(), command.arguments.end(), flag);
      return at == command.arguments.end() ? std::string() : *(at + 1);
    };
    EXPECT_EQ(value("-storepass"), "changeit");
    Keystore& store = keystores_[value("-keystore")];
    const std::string verb = command.arguments.at(0);
    if (verb == "-list") {
      CommandResult out{.output = "Keystore type: JKS\n\n"};
      for (const auto& [alias, text] : store)
        out.output += "Alias name: " + alias + "\nEntry type: trustedCertEntry\n\n" + text + "\n*****\n\n\n";
      return out;
    }
    if (verb == "-importcert") store[value("-alias")] = command.input;
    if (verb == "-delete" && !store.erase(value("-alias")))
      return {.status = 1, .output = "keytool error: java.lang.Exception: Alias does not exist"};
    return {};
  }
  /// What ca-certificates-java leaves, but for its hook.
  void make_debians_java() {
    for (const char* folder : {"sys/etc/ssl/certs/java", "sys/etc/ca-certificates/update.d",
                               "sys/usr/local/share/ca-certificates"})
      make_folder(folder);
    put("sys/etc/ssl/certs/java/cacerts", "keystore");
  }
  static constexpr const char* debians_hook = "sys/etc/ca-certificates/update.d/jks-keystore";
  std::map<std::string, Keystore> keystores_;
};

TEST_F(JavaStore, EveryJdkIsInstalledAndUninstalled) {
  const std::string first = add_jdk("jdk-17"), second = add_jdk("jdk-21");
  std::filesystem::create_directory_symlink("jdk-17", path("sys/usr/lib/jvm/default-java"));
  const auto steps = applied(Change::install, {StoreKind::java});
  ASSERT_EQ(steps.size(), 2u) << "one keystore under two names is one";
  for (const Step& step : steps) EXPECT_EQ(step.store.standing, Standing::trusted) << step.store.path;
  for (const std::string& file : {first, second})
    EXPECT_EQ(keystores_[file].at(entry_name(*root_.certificate)), pem(root_.certificate));
  for (const Step& step : applied(Change::uninstall, {StoreKind::java}))
    EXPECT_EQ(step.store.standing, Standing::not_trusted);
  EXPECT_EQ(keystores_[first].size(), 1u);
}

TEST_F(JavaStore, JavaHomeIsAskedToo) {
  make_folder("elsewhere/jre/lib/security");
  put("elsewhere/jre/lib/security/cacerts", "keystore");
  machine_.java_home = path("elsewhere");
  EXPECT_EQ(applied(Change::install, {StoreKind::java})[0].store.standing, Standing::trusted);
}

TEST_F(JavaStore, AnEntryOfSomebodyElseStays) {
  const std::string file = add_jdk("jdk");
  keystores_[file]["mine"] = pem(root_.certificate);
  const auto steps = applied(Change::uninstall, {StoreKind::java});
  ASSERT_EQ(obstacle(steps[0]), ErrorCode::trust_entry_not_ours);
  EXPECT_NE(steps[0].obstacle->remedy.find("keytool -delete -alias mine -keystore "), std::string::npos);
  EXPECT_EQ(keystores_[file].size(), 2u);
}

TEST_F(JavaStore, WhatIsAdvisedIsOneWordToAShell) {
  const std::string file = add_jdk("jdk");
  keystores_[file]["x'; reboot; '"] = pem(root_.certificate);
  const auto steps = applied(Change::uninstall, {StoreKind::java});
  ASSERT_EQ(obstacle(steps[0]), ErrorCode::trust_entry_not_ours);
  EXPECT_NE(steps[0].obstacle->remedy.find("-alias 'x'\\''; reboot; '\\''' -keystore "), std::string::npos)
      << steps[0].obstacle->remedy;
}

TEST_F(JavaStore, ANamesakeIsToldFromTheRoot) {
  keystores_[add_jdk("jdk")]["namesake"] = pem(make_root("Test Root"));
  EXPECT_EQ(standing(StoreKind::java), Standing::other_certificate);
}

TEST_F(JavaStore, AListingThatIsOddIsReadAsFarAsItGoes) {
  const std::string file = add_jdk("jdk");
  keystores_[file]["cut"] = "-----BEGIN CERTIFICATE-----\nMIIB";
  keystores_[file]["empty"] = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n";
  keystores_[file]["lonely"] = "-----END CERTIFICATE-----\n";
  EXPECT_EQ(standing(StoreKind::java), Standing::not_trusted);
  EXPECT_EQ(applied(Change::install, {StoreKind::java})[0].store.standing, Standing::trusted);
}

TEST_F(JavaStore, AKeystoreThatCannotBeListedIsUnknown) {
  add_jdk("jdk");
  programs_["keytool"] = [](const Command&) {
    return CommandResult{.status = 1, .output = "keytool error: password was incorrect", .errors = ""};
  };
  const auto steps = applied(Change::install, {StoreKind::java});
  EXPECT_EQ(steps[0].store.standing, Standing::unknown);
  ASSERT_EQ(obstacle(steps[0]), ErrorCode::trust_store_failed);
  EXPECT_NE(steps[0].obstacle->detail.find("password was incorrect"), std::string::npos);
  EXPECT_TRUE(steps[0].actions.empty());
}

TEST_F(JavaStore, WithoutKeytoolItsPackageIsNamed) {
  add_jdk("jdk");
  std::filesystem::remove(path("bin/keytool"));
  EXPECT_EQ(obstacle(applied(Change::install, {StoreKind::java})[0]), ErrorCode::trust_tool_missing);
}

// ca-certificates-java makes the keystore of what update-ca-certificates was given.
TEST_F(JavaStore, DebiansKeystoreFollowsTheSystemStore) {
  make_debians_java();
  make_folder("sys/usr/lib/jvm/jdk/lib/security");
  put("sys/etc/ssl/certs/ca-certificates.crt", "");
  std::filesystem::create_symlink(path("sys/etc/ssl/certs/java/cacerts"),
                                  path("sys/usr/lib/jvm/jdk/lib/security/cacerts"));
  const std::string keystore = path("sys/etc/ssl/certs/java/cacerts");
  EXPECT_EQ(planned(Change::install, {StoreKind::java})[0].actions.size(), 1u)
      << "without the package's hook it is a keystore like others";

  put(debians_hook, "#!/bin/sh\n");
  EXPECT_EQ(obstacle(planned(Change::install, {StoreKind::java})[0]), ErrorCode::bad_argument);
  has_program("update-ca-certificates");
  programs_["update-ca-certificates"] = [&](const Command&) {
    std::string all;
    keystores_[keystore].clear();
    for (const auto& entry :
         std::filesystem::directory_iterator(path("sys/usr/local/share/ca-certificates"))) {
      all += get("sys/usr/local/share/ca-certificates/" + entry.path().filename().string());
      keystores_[keystore]["debian:" + entry.path().filename().string()] = all;
    }
    put("sys/etc/ssl/certs/ca-certificates.crt", all);
    return CommandResult{};
  };
  const auto steps = applied(Change::install, {StoreKind::system, StoreKind::java});
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_TRUE(steps[1].actions.empty());
  EXPECT_FALSE(steps[1].obstacle);
  EXPECT_EQ(steps[1].store.standing, Standing::trusted);
  EXPECT_NE(steps[1].store.note.find("system store"), std::string::npos);
  const auto gone = applied(Change::uninstall, {StoreKind::system, StoreKind::java});
  EXPECT_FALSE(gone[1].obstacle);
  EXPECT_EQ(gone[1].store.standing, Standing::not_trusted);
}

// What Debian 12 does: its hook hears of certificates that came, and not of those that were taken away.
TEST_F(JavaStore, WhatDebiansHookForgetsIsTakenOut) {
  make_debians_java();
  put(debians_hook, "#!/bin/sh\n");
  has_program("update-ca-certificates");
  const std::string keystore = path("sys/etc/ssl/certs/java/cacerts");
  bool hook_forgets = true;
  programs_["update-ca-certificates"] = [&](const Command&) {
    std::string all;
    if (!hook_forgets) keystores_[keystore].clear();
    for (const auto& one : std::filesystem::directory_iterator(path("sys/usr/local/share/ca-certificates"))) {
      all += get("sys/usr/local/share/ca-certificates/" + one.path().filename().string());
      keystores_[keystore]["debian:" + one.path().stem().string() + ".pem"] = all;
    }
    put("sys/etc/ssl/certs/ca-certificates.crt", all);
    return CommandResult{};
  };
  for (const bool forgets : {true, false}) {
    hook_forgets = forgets;
    EXPECT_EQ(applied(Change::install, {StoreKind::system, StoreKind::java})[1].store.standing,
              Standing::trusted);
    const auto gone = applied(Change::uninstall, {StoreKind::system, StoreKind::java});
    EXPECT_FALSE(gone[1].obstacle) << gone[1].obstacle->message();
    EXPECT_EQ(gone[1].store.standing, Standing::not_trusted);
    EXPECT_TRUE(keystores_[keystore].empty());
  }
}

TEST_F(JavaStore, WhereDebiansHookFailsThatIsFoundOut) {
  make_debians_java();
  put(debians_hook, "#!/bin/sh\n");
  has_program("update-ca-certificates");
  programs_["update-ca-certificates"] = [&](const Command&) {
    put("sys/etc/ssl/certs/ca-certificates.crt", pem(root_.certificate));
    return CommandResult{};
  };
  const auto steps = applied(Change::install, {StoreKind::system, StoreKind::java});
  EXPECT_FALSE(steps[0].obstacle);
  ASSERT_EQ(obstacle(steps[1]), ErrorCode::trust_store_failed);
  EXPECT_NE(steps[1].obstacle->remedy.find("system store"), std::string::npos);
}

// ---- Node -------------------------------------------------------------------------------------------------

struct NodeStore : TrustTest {};

TEST_F(NodeStore, IsTheVariableAndNothingElse) {
  EXPECT_EQ(standing(StoreKind::node), Standing::no_store);
  has_program("node");
  const auto steps = applied(Change::install, {StoreKind::node});
  EXPECT_EQ(steps[0].by_hand, "export NODE_EXTRA_CA_CERTS=" + root_.file);
  EXPECT_TRUE(steps[0].actions.empty());
  EXPECT_FALSE(steps[0].obstacle) << "nobody can set it but the user";
  EXPECT_EQ(steps[0].store.standing, Standing::not_trusted);
  EXPECT_NE(steps[0].store.note.find("--use-system-ca"), std::string::npos);
}

TEST_F(NodeStore, TheFileThatItNamesIsRead) {
  machine_.node_extra_ca_certs = path("extra.pem");
  EXPECT_EQ(standing(StoreKind::node), Standing::not_trusted);
  put("extra.pem", pem(make_root("Other")));
  EXPECT_NE(planned(Change::install, {StoreKind::node})[0].by_hand.find("takes one file"), std::string::npos);
  put("extra.pem", pem(make_root("Other")) + pem(root_.certificate));
  EXPECT_EQ(standing(StoreKind::node), Standing::trusted);
  EXPECT_EQ(planned(Change::install, {StoreKind::node})[0].by_hand, "");
  EXPECT_NE(planned(Change::uninstall, {StoreKind::node})[0].by_hand.find("unset"), std::string::npos);
}

TEST_F(NodeStore, WhereItReadsTheSystemsBundleThatIsEnough) {
  make_folder("sys/usr/local/share/ca-certificates");
  make_folder("sys/etc/ssl/certs");
  put("sys/etc/ssl/certs/ca-certificates.crt", pem(make_root("Other")));
  machine_.node_extra_ca_certs = path("sys/etc/ssl/certs/ca-certificates.crt");
  const auto steps = planned(Change::install, {StoreKind::node});
  EXPECT_EQ(steps[0].by_hand, "");
  EXPECT_NE(steps[0].store.note.find("system store"), std::string::npos);
  EXPECT_EQ(steps[0].store.standing, Standing::not_trusted);
}

// ---- what is refused --------------------------------------------------------------------------------------

struct Refused : TrustTest {};

TEST_F(Refused, WhatIsNoRoot) {
  const auto authority = pki::NewCa{.name = "Test", .path_length = 1}.issue().value();
  const auto ca = pki::CertificateAuthority::create(authority.chain, authority.key.signer()).value();
  const auto intermediate = ca.issue_ca({.name = "Below"}).value().chain.front();
  const auto leaf = pki::SelfSigned{.names = {"localhost"}}.issue().value().chain.front();
  for (const CertificatePtr& one : {intermediate, leaf}) {
    root_.certificate = one;
    for (const Change change : {Change::install, Change::uninstall})
      EXPECT_EQ(plan(change, machine_, root_).error().code, ErrorCode::bad_argument) << one->subject();
  }
}

TEST_F(Refused, WhatIsNotValidIsNotInstalledButUninstalled) {
  root_.certificate = pki::NewCa{.name = "Old", .days = 1}
                          .issue({.now = now() - std::chrono::days(30)})
                          .value()
                          .chain.front();
  EXPECT_EQ(plan(Change::install, machine_, root_).error().code, ErrorCode::certificate_expired);
  EXPECT_TRUE(plan(Change::uninstall, machine_, root_));
  root_.certificate =
      pki::NewCa{.name = "New"}.issue({.now = now() + std::chrono::days(30)}).value().chain.front();
  EXPECT_EQ(plan(Change::install, machine_, root_).error().code, ErrorCode::certificate_not_yet_valid);
}

TEST_F(Refused, AStoreThatDoesNotExistByItsName) {
  EXPECT_EQ(parse_store_kind("windows").error().code, ErrorCode::bad_argument);
  for (const StoreKind kind : all_store_kinds()) EXPECT_EQ(parse_store_kind(name_of(kind)).value(), kind);
}

// ---- names and records ------------------------------------------------------------------------------------

TEST_F(Refused, NamesOfEntriesAreTameWhateverTheRootIsCalled) {
  const std::string name = entry_name(*make_root("../../etc/passwd; $(id) Ünïcode, O=x \"quoted\""));
  EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-"), std::string::npos) << name;
  EXPECT_TRUE(name.starts_with("bulla-etc-passwd-"));
  EXPECT_LE(name.size(), 70u);
  EXPECT_TRUE(entry_name(*make_root("Bulla local CA")).starts_with("bulla-local-ca-"));
  EXPECT_TRUE(is_ours(entry_name(*root_.certificate), *root_.certificate));
  EXPECT_FALSE(is_ours(entry_name(*make_root("Test Root")), *root_.certificate));
  EXPECT_FALSE(is_ours("Test Root", *root_.certificate));
}

struct RecordsOfTrust : TrustTest {
  void SetUp() override {
    TrustTest::SetUp();
    make_folder("ca");
    make_folder("sys/usr/local/share/ca-certificates");
    make_folder("sys/etc/ssl/certs");
    has_program("update-ca-certificates");
    programs_["update-ca-certificates"] = [this](const Command&) {
      std::string all;
      for (const auto& one : std::filesystem::directory_iterator(path("sys/usr/local/share/ca-certificates")))
        all += get("sys/usr/local/share/ca-certificates/" + one.path().filename().string());
      put("sys/etc/ssl/certs/ca-certificates.crt", all);
      return CommandResult{};
    };
  }
};

TEST_F(RecordsOfTrust, ARootThatTheFolderNoLongerHasIsUninstalled) {
  applied(Change::install, {StoreKind::system});
  const Root old = root_;
  root_.certificate = make_root("Another");
  const auto known = recorded(machine_, path("ca"));
  ASSERT_EQ(known.size(), 1u);
  EXPECT_TRUE(equal_vartime(known[0]->der(), old.certificate->der()));
  const Root again = {.certificate = known[0]};
  const auto steps =
      apply(Change::uninstall, machine_, again, plan(Change::uninstall, machine_, again).value());
  EXPECT_EQ(steps[0].store.standing, Standing::not_trusted);
  EXPECT_TRUE(recorded(machine_, path("ca")).empty()) << "gone from every store";
}

TEST_F(RecordsOfTrust, AreOfOneFolder) {
  applied(Change::install, {StoreKind::system});
  EXPECT_TRUE(recorded(machine_, path("other")).empty());
  EXPECT_EQ(recorded(machine_, path("ca/../ca/")).size(), 1u);
}

TEST_F(RecordsOfTrust, StayWhileAnyStoreMayHaveTheRoot) {
  applied(Change::install, {StoreKind::system});
  applied(Change::uninstall, {StoreKind::system});  // and nobody looked at the others
  EXPECT_EQ(recorded(machine_, path("ca")).size(), 1u);
}

TEST_F(RecordsOfTrust, OfOthersAreReadAndRubbishIsSkipped) {
  applied(Change::install, {StoreKind::system});
  machine_.record_folder = path("mine");
  make_folder("mine");
  put("mine/rubbish.pem", "Folder: " + path("ca") + "\nno certificate");
  put("mine/empty.pem", "");
  EXPECT_EQ(recorded(machine_, path("ca")).size(), 1u);
}

TEST_F(RecordsOfTrust, OfSharedStoresAreForAllUsers) {
  applied(Change::install, {StoreKind::system});
  EXPECT_TRUE(std::filesystem::exists(path("records")));
  EXPECT_FALSE(std::filesystem::exists(path("own-records")));
  machine_.rights = Rights::user;
  EXPECT_EQ(recorded(machine_, path("ca")).size(), 1u);
}

TEST_F(RecordsOfTrust, WithoutARecordNothingIsInstalled) {
  put("records", "a file where a folder should be");
  const auto steps = applied(Change::install, {StoreKind::system});
  EXPECT_EQ(obstacle(steps[0]), ErrorCode::file_not_writable);
  EXPECT_EQ(steps[0].store.standing, Standing::not_trusted);
}

}  // namespace
}  // namespace bulla::trust
