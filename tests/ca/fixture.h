// A folder with a CA, and what is asked of it and of other programs.
#pragma once

#include "pki/openssl_test.h"

#include <bulla/ca.h>
#include <bulla/os.h>

#include <sys/stat.h>

namespace bulla::ca {

using Names = std::vector<std::string>;

class CaTest : public test::OpensslTest {
 protected:
  std::string folder() const { return path("ca"); }
  Authority make(const NewAuthority& wanted = {.name = "Test"}, const pki::Surroundings& around = {}) const {
    return Authority::create(folder(), wanted, around).value();
  }
  /// As another process would find it.
  Authority open() const { return Authority::open(folder()).value(); }
  ErrorCode error_of_open() const {
    const auto opened = Authority::open(folder());
    return opened ? ErrorCode::internal : opened.error().code;
  }
  unsigned mode(std::string_view file) const {
    struct stat status = {};
    EXPECT_EQ(::stat(path(file).c_str(), &status), 0) << file;
    return status.st_mode & 0777;
  }
  /// Runs SQL on the records, as somebody with the sqlite3 command would.
  std::string sql(const std::string& statement) const {
    return must("sqlite3 ca/records.sqlite \"" + statement + '"');
  }
  static bool has_sqlite3() { return std::system("command -v sqlite3 >/dev/null 2>&1") == 0; }
  std::string text_of(const Certificate& certificate) const {
    const CertificatePtr one = Certificate::from_der(certificate.der()).value();
    put("described.pem", pki::to_pem({&one, 1}));
    return must("openssl x509 -noout -text -in described.pem");
  }
};

}  // namespace bulla::ca
