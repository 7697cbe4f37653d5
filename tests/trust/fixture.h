// Roots, and machines that are folders: their programs are pretended, or NSS's own in a home of its own.
#pragma once

#include "pki/openssl_test.h"
#include "trust/stores.h"

#include <bulla/pki.h>
#include <bulla/trust.h>

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <map>

namespace bulla::trust {

inline CertificatePtr make_root(const std::string& name = "Test Root", unsigned days = 100) {
  return pki::NewCa{.name = name, .days = days}.issue().value().chain.front();
}

class TrustTest : public test::OpensslTest {
 protected:
  void SetUp() override {
    for (const char* folder : {"home", "sys", "bin"}) std::filesystem::create_directories(path(folder));
    machine_.prefix = path("sys");
    machine_.home = path("home");
    machine_.program_folders = {path("bin")};
    machine_.record_folder = path("own-records");
    machine_.system_record_folder = path("records");
    machine_.rights = Rights::superuser;
    machine_.run = [this](const Command& command) { return pretend(command); };
    root_ = {.certificate = make_root(), .file = path("ca/root.pem")};
  }

  /// A program of this name is installed; what it does is in programs_.
  void has_program(const std::string& name) const {
    put("bin/" + name, "#!/bin/false\n");
    std::filesystem::permissions(path("bin/" + name), std::filesystem::perms::owner_all);
  }
  void make_folder(const std::string& name) const { std::filesystem::create_directories(path(name)); }
  static bool installed(const char* program) {
    return std::system((std::string("command -v ") + program + " >/dev/null 2>&1").c_str()) == 0;
  }

  std::vector<Step> planned(Change change, std::initializer_list<StoreKind> kinds) const {
    return plan(change, machine_, root_, {kinds.begin(), kinds.size()}).value();
  }
  std::vector<Step> applied(Change change, std::initializer_list<StoreKind> kinds) const {
    return apply(change, machine_, root_, planned(change, kinds));
  }
  Standing standing(StoreKind kind) const { return survey(machine_, root_, {&kind, 1}).front().standing; }
  static ErrorCode obstacle(const Step& step) {
    return step.obstacle ? step.obstacle->code : ErrorCode::internal;
  }
  static std::string pem(const CertificatePtr& certificate) { return pki::to_pem({&certificate, 1}); }

  Machine machine_;
  Root root_;
  std::vector<Command> ran_;  ///< in their order
  std::map<std::string, std::function<CommandResult(const Command&)>> programs_;

 private:
  Result<CommandResult> pretend(const Command& command) {
    ran_.push_back(command);
    const auto program = programs_.find(std::filesystem::path(command.program).filename().string());
    if (program == programs_.end()) return Error{ErrorCode::trust_store_failed, command.program};
    return program->second(command);
  }
};

}  // namespace bulla::trust
