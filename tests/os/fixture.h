// Configs over the test certificates, folders that vanish, and a connected pair of sockets.
#pragma once

#include <bulla/config.h>
#include <bulla/os.h>

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>

namespace bulla::test {

inline std::string data_path(const std::string& name) {
  return std::string(BULLA_SOURCE_DIR "/tests/tls/data/") + name;
}

inline IdentityPtr identity_of(const std::string& name) {
  return Identity::from_pem_files(data_path(name + ".pem"), data_path(name + ".key.pem")).value();
}

inline RootStore test_roots(const std::string& name = "ca") {
  return roots_from_path(data_path(name + ".pem")).value();
}

inline ServerConfigPtr server_config(ServerOptions options = {}) {
  if (!options.identity) options.identity = identity_of("p256");
  return make_server_config(std::move(options)).value();
}

inline ClientConfigPtr client_config(ClientOptions options = {}) {
  if (!options.roots && !options.verifier) options.roots = test_roots();
  return make_client_config(std::move(options)).value();
}

/// A folder of its own, removed with all that is in it.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = std::filesystem::temp_directory_path() / "bulla-test-XXXXXX";
    if (!::mkdtemp(name.data())) throw std::runtime_error("mkdtemp");
    path_ = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  std::string operator/(const std::string& name) const { return path_ + '/' + name; }
  const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

/// Sets an environment variable (nullptr: unsets it), and puts it back at the end.
class Environment {
 public:
  Environment(const char* name, const char* value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    set(value);
  }
  Environment(const Environment&) = delete;
  ~Environment() { set(before_ ? before_->c_str() : nullptr); }

 private:
  void set(const char* value) {
    if (value)
      ::setenv(name_, value, 1);
    else
      ::unsetenv(name_);
  }
  const char* name_;
  std::optional<std::string> before_;
};

inline std::pair<Descriptor, Descriptor> socket_pair() {
  int ends[2] = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) throw std::runtime_error("socketpair");
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

}  // namespace bulla::test
