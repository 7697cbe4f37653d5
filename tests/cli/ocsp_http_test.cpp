// OCSP over HTTP (RFC 6960 §A, RFC 5019 §5 and §6): where requests are looked for, what they are told, and
// what caches are. Over sockets and by other programs: tests/stories/ca_status.py.
#include "cli/ocsp_http.h"

#include "asn1/base64.h"
#include "ca/fixture.h"

#include <gmock/gmock.h>

namespace bulla::cli {
namespace {

using testing::HasSubstr, testing::IsEmpty, testing::Not;

class OcspHttp : public ca::CaTest {
 protected:
  void SetUp() override {
    ca.emplace(make());
    leaf = ca->unlock().value().issue({.names = {"a.example"}}).value().chain.front();
    responder.emplace(ca::Responder::unlock(*ca).value());
    request = to_text(OcspRequest::create(*leaf, ca->certificate()).value());
  }
  static std::string to_text(const OcspRequest& of) { return std::string(as_text(of.der())); }
  static std::string base64(const std::string& bytes) {
    std::string out((bytes.size() + 2) / 3 * 4, 0);
    asn1::base64_encode(as_bytes(bytes), {reinterpret_cast<uint8_t*>(out.data()), out.size()});
    return out;
  }
  http::Response ask(http::Request question, const std::string& path = "/") {
    question.path = question.raw_path;
    return answer_ocsp({.responder = *responder,
                        .path = path,
                        .on_trouble = [this](const Error& error) { trouble.push_back(error.code); }},
                       question);
  }
  http::Response post(const std::string& body, const std::string& where = "/", const std::string& path = "/",
                      const std::string& type = "application/ocsp-request") {
    return ask({.method = "POST", .raw_path = where, .headers = {{"Content-Type", type}}, .body = body},
               path);
  }
  http::Response get(const std::string& where, const std::string& path = "/", http::Headers headers = {}) {
    return ask({.raw_path = where, .headers = std::move(headers)}, path);
  }
  static OcspResponseStatus status_of(const http::Response& response) {
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.headers["Content-Type"], "application/ocsp-response");
    return OcspResponse::from_der(as_bytes(response.body)).value()->status();
  }
  static constexpr auto good = OcspResponseStatus::successful,
                        malformed = OcspResponseStatus::malformed_request;

  std::optional<ca::Authority> ca;
  CertificatePtr leaf;
  std::optional<ca::Responder> responder;
  std::string request;
  std::vector<ErrorCode> trouble;
};

TEST_F(OcspHttp, RequestsAreFoundAtTheAddressAndAtTheRoot) {
  for (const char* where : {"/", "/ocsp", "/ocsp/"})
    EXPECT_EQ(status_of(post(request, where, "/ocsp")), good) << where;
  EXPECT_EQ(status_of(post(request, "/ocsp", "/ocsp/")), good);
  const std::string in_path = base64(request), escaped = http::percent_encode(in_path);
  for (const std::string& where : {"/" + in_path, "/ocsp/" + in_path, "/ocsp/" + escaped, "/" + escaped})
    EXPECT_EQ(status_of(get(where, "/ocsp")), good) << where;
  // RFC 6960 §A.1: {url}/{request}, where {url} ends in a slash.
  EXPECT_EQ(status_of(get("/ocsp//" + in_path, "/ocsp/")), good);
  EXPECT_EQ(status_of(get("//" + in_path, "/")), good);
  EXPECT_EQ(post(request, "/elsewhere", "/ocsp").status, 404);
  EXPECT_EQ(post(request, "/ocsp/more", "/ocsp").status, 404);
  EXPECT_THAT(get("/ocsp", "/ocsp").body, HasSubstr("An OCSP responder"));
}

// RFC 6960 §A.1.
TEST_F(OcspHttp, ARequestHasItsType) {
  EXPECT_EQ(status_of(post(request, "/", "/", "Application/OCSP-Request ; charset=x")), good);
  EXPECT_EQ(post(request, "/", "/", "application/octet-stream").status, 415);
  EXPECT_EQ(post(request, "/", "/", "").status, 415);
  for (const char* method : {"PUT", "DELETE", "OPTIONS"}) {
    const auto refused = ask({.method = method, .raw_path = "/"});
    EXPECT_EQ(refused.status, 405);
    EXPECT_EQ(refused.headers["Allow"], "GET, HEAD, POST");
  }
}

TEST_F(OcspHttp, WhatIsNoRequestIsMalformed) {
  const std::string whole = base64(request);
  for (const std::string& where :
       {"/" + whole.substr(1), "/" + whole.substr(0, whole.size() / 8 * 4), "/" + whole + "AAAA",
        std::string("/!"), std::string("/%2"), "/" + whole + "%00"})
    EXPECT_EQ(status_of(get(where)), malformed) << where;
  EXPECT_EQ(status_of(post("")), malformed);
  EXPECT_EQ(status_of(post(request + '\0')), malformed);
  EXPECT_EQ(status_of(post(whole)), malformed) << "base64 is for paths";
  EXPECT_THAT(trouble, IsEmpty()) << "clients' faults are no news";
}

// RFC 5019 §6.2.
TEST_F(OcspHttp, AnswersByGetMayBeKept) {
  const auto kept = get("/" + base64(request));
  EXPECT_THAT(std::string(kept.headers["Cache-Control"]),
              testing::MatchesRegex("max-age=4[0-9]{4},public,.*"));
  const auto response = OcspResponse::from_der(as_bytes(kept.body)).value()->answer(0);
  EXPECT_EQ(kept.headers["Last-Modified"], http::http_date(response.this_update));
  EXPECT_EQ(kept.headers["Expires"], http::http_date(response.next_update.value()));
  EXPECT_THAT(std::string(kept.headers["ETag"]), testing::MatchesRegex("\"[0-9A-F:]+\""));
}

TEST_F(OcspHttp, EverythingElseMayNot) {
  const std::vector<uint8_t> nonce(16, 3);
  const std::string with_nonce = to_text(OcspRequest::create(*leaf, ca->certificate(), nonce).value());
  for (const http::Response& one :
       {post(request), post("garbage"), get("/garbage"), get("/" + base64(with_nonce))}) {
    EXPECT_EQ(one.headers["Cache-Control"], "no-store");
    EXPECT_FALSE(one.headers.contains("ETag"));
    EXPECT_FALSE(one.headers.contains("Expires"));
  }
}

// RFC 9110 §13.1.2.
TEST_F(OcspHttp, WhoHasTheAnswerIsToldThatItIsTheSame) {
  const std::string where = "/" + base64(request);
  const std::string tag(get(where).headers["ETag"]);
  for (const std::string& known : {tag, "W/" + tag, "\"other\", " + tag, std::string("*")}) {
    const auto same = get(where, "/", {{"If-None-Match", known}});
    EXPECT_EQ(same.status, 304) << known;
    EXPECT_THAT(same.body, IsEmpty());
    EXPECT_EQ(same.headers["ETag"], tag);
  }
  EXPECT_EQ(get(where, "/", {{"If-None-Match", "\"other\""}}).status, 200);
  // Not by POST: each is an act of its own.
  const auto posted = ask({.method = "POST",
                           .raw_path = "/",
                           .headers = {{"Content-Type", "application/ocsp-request"}, {"If-None-Match", tag}},
                           .body = request});
  EXPECT_EQ(posted.status, 200);
  // Another process revokes: what was kept is not the same any more.
  open().revoke(leaf->serial(), ca::RevocationReason::superseded).value();
  const auto changed = get(where, "/", {{"If-None-Match", tag}});
  EXPECT_EQ(changed.status, 200);
  EXPECT_EQ(OcspResponse::from_der(as_bytes(changed.body)).value()->answer(0).status,
            RevocationStatus::revoked);
}

TEST_F(OcspHttp, TroubleIsToldToTheOwnerAndNotKept) {
  if (!has_sqlite3()) GTEST_SKIP() << "sqlite3 is missing";
  open().revoke(leaf->serial(), ca::RevocationReason::superseded).value();
  sql("UPDATE certificate SET reason = 77 WHERE reason IS NOT NULL");
  const auto failed = get("/" + base64(request));
  EXPECT_EQ(status_of(failed), OcspResponseStatus::internal_error);
  EXPECT_EQ(failed.headers["Cache-Control"], "no-store");
  EXPECT_THAT(trouble, testing::ElementsAre(ErrorCode::ca_records_broken));
}

}  // namespace
}  // namespace bulla::cli
