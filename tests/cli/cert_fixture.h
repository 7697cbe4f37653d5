// `bulla cert ...` run in this process, in a folder that goes away.
#pragma once

#include "cli/commands.h"
#include "pki/openssl_test.h"

#include <bulla/os.h>
#include <bulla/pki.h>
#include <bulla/tls_stream.h>

#include <sys/stat.h>

#include <future>
#include <thread>

namespace bulla::cli {

using test::OpensslTest;

struct Ran {
  int status = -1;
  std::string out, err;
};

struct CertTest : OpensslTest {
  /// Runs `bulla cert ...`; every word one argument.
  static Ran cert(std::vector<std::string> words) {
    words.insert(words.begin(), {"bulla", "cert"});
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    Ran ran;
    ran.status = run_program(static_cast<int>(words.size()), argv.data());
    ran.out = testing::internal::GetCapturedStdout();
    ran.err = testing::internal::GetCapturedStderr();
    return ran;
  }
  static void expect_done(const Ran& ran) { EXPECT_EQ(ran.status, 0) << ran.out << ran.err; }
  /// Refused with this status, and the error row is named.
  static void expect_refused(const Ran& ran, int status, ErrorCode code) {
    EXPECT_EQ(ran.status, status) << ran.out << ran.err;
    EXPECT_NE(ran.err.find(row_of(code).name), std::string::npos) << ran.err;
    EXPECT_TRUE(ran.out.empty()) << ran.out;
  }
  unsigned mode(std::string_view file) const {
    struct stat status = {};
    EXPECT_EQ(::stat(path(file).c_str(), &status), 0) << file;
    return status.st_mode & 0777;
  }
  void make_ca() const { expect_done(cert({"new", "--ca", "My CA", "--out", path()})); }
  std::vector<std::string> with_ca(std::vector<std::string> words) const {
    words.insert(words.end(), {"--ca-cert", path("My_CA.pem"), "--ca-key", path("My_CA-key.pem")});
    return words;
  }
};

/// A server that makes one handshake after the other, and does not care how they end.
class Server {
 public:
  explicit Server(const pki::Issued& issued)
      : listener_(TcpListener::listen({"localhost", 0}).value()),
        thread_([this, config = make_server_config({.identity = issued.identity().value()}).value()](
                    const std::stop_token& stop) {
          while (!stop.stop_requested()) {
            auto tcp = listener_.accept(Milliseconds(50));
            if (tcp) (void)TlsStream::accept(std::move(tcp->socket), config);
          }
        }) {}
  std::string where() const { return "localhost:" + std::to_string(listener_.port()); }

 private:
  TcpListener listener_;
  std::jthread thread_;
};

}  // namespace bulla::cli
