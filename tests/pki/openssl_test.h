// Tests that ask the `openssl` command: a folder that goes away, files in it, and commands run in it.
#pragma once

#include <bulla/bytes.h>

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace bulla::test {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "bulla-test-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string path(std::string_view name = {}) const {
    return name.empty() ? path_ : path_ + '/' + std::string(name);
  }

 private:
  std::string path_;
};

struct Outcome {
  int status = -1;
  std::string output;  ///< standard output and standard error
};

class OpensslTest : public ::testing::Test {
 protected:
  std::string path(std::string_view name = {}) const { return folder_.path(name); }
  void put(std::string_view name, Bytes content) const {
    std::ofstream file(path(name), std::ios::binary);
    file.write(reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(content.size()));
    ASSERT_TRUE(file.good()) << name;
  }
  void put(std::string_view name, std::string_view content) const { put(name, as_bytes(content)); }
  std::string get(std::string_view name) const {
    std::ifstream file(path(name), std::ios::binary);
    EXPECT_TRUE(file.good()) << name;
    return {std::istreambuf_iterator<char>(file), {}};
  }
  /// Runs a shell command in the folder.
  Outcome run(const std::string& command) const {
    Outcome out;
    FILE* pipe = ::popen(("cd '" + path() + "' && { " + command + "; } 2>&1").c_str(), "r");
    if (!pipe) return out;
    char buffer[4096];
    for (size_t n; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) out.output.append(buffer, n);
    const int status = ::pclose(pipe);
    out.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return out;
  }
  /// The same for a command that has to succeed; its output.
  std::string must(const std::string& command) const {
    const Outcome outcome = run(command);
    EXPECT_EQ(outcome.status, 0) << command << '\n' << outcome.output;
    return outcome.output;
  }

 private:
  TemporaryFolder folder_;
};

}  // namespace bulla::test
