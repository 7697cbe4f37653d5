#include <bulla/http.h>

#include <gtest/gtest.h>

namespace bulla::http {
namespace {

Request request(std::string_view method, std::string_view path) {
  Request r;
  r.method = method;
  r.target = r.raw_path = path;
  r.path = percent_decode(path).value_or("");
  return r;
}

Handler says(std::string text) {
  return [text](const Request&) { return Response{}.text(text); };
}

std::string answer(const Router& router, std::string_view method, std::string_view path) {
  Request r = request(method, path);
  const Response response = router.handle(r);
  return response.status == 200 ? response.body : std::to_string(response.status);
}

TEST(Router, takes_the_most_specific_route) {
  Router router;
  router.get("/*", says("all"))
      .get("/users/:id", says("id"))
      .get("/users/me", says("me"))
      .get("/users/:id/*", says("rest"));
  router.get("/", says("home")).get("/dir/", says("dir"));
  EXPECT_EQ(answer(router, "GET", "/users/me"), "me");
  EXPECT_EQ(answer(router, "GET", "/users/7"), "id");
  EXPECT_EQ(answer(router, "GET", "/users/7/x/y"), "rest");
  EXPECT_EQ(answer(router, "GET", "/users/"), "all");
  EXPECT_EQ(answer(router, "GET", "/other"), "all");
  EXPECT_EQ(answer(router, "GET", "/"), "home");
  EXPECT_EQ(answer(router, "GET", "/dir/"), "dir");
  EXPECT_EQ(answer(router, "GET", "/dir"), "all");
}

TEST(Router, hands_over_what_matched) {
  Router router;
  router.get("/u/:id/*", [](const Request& r) {
    return Response{}.text(std::string(*r.param("id")) + "|" + std::string(*r.param("*")) +
                           (r.param("x") ? "!" : ""));
  });
  EXPECT_EQ(answer(router, "GET", "/u/a%2Fb/c%20d/e"), "a/b|c d/e");
  const Request fixed = request("GET", "/u/1/");
  EXPECT_EQ(router(fixed).body, "1|");
}

TEST(Router, gives_head_to_get) {
  Router router;
  router.get("/a", says("get")).get("/b", says("get")).add("HEAD", "/b", says("head"));
  EXPECT_EQ(answer(router, "HEAD", "/a"), "get");
  EXPECT_EQ(answer(router, "HEAD", "/b"), "head");
}

// RFC 9110 §15.6.2: 501 where no resource knows the method, 405 where this one does not.
TEST(Router, refuses) {
  Router router;
  router.get("/a", says("get")).post("/a", says("post")).put("/p/:x", says("put"));
  EXPECT_EQ(answer(router, "GET", "/nothing"), "404");
  EXPECT_EQ(answer(router, "GET", "/a/"), "404");
  EXPECT_EQ(answer(router, "GET", "/A"), "404");
  EXPECT_EQ(answer(router, "GET", "/p/"), "404");
  EXPECT_EQ(answer(router, "DELETE", "/nothing"), "404");
  Request r = request("DELETE", "/a");
  const Response response = router.handle(r);
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.headers["Allow"], "GET, HEAD, POST");
  EXPECT_EQ(answer(router, "GET", "/p/1"), "405");
  EXPECT_EQ(answer(router, "BREW", "/a"), "501");
  EXPECT_EQ(answer(router, "TRACE", "/a"), "501");
  EXPECT_EQ(answer(router, "get", "/a"), "501");
  EXPECT_EQ(answer(router, "GET", "/%zz"), "400");
}

TEST(Router, mounts_for_every_method) {
  Router router;
  router.mount("/files/*", says("files")).get("/files/special", says("special"));
  router.add("BREW", "/pot", says("tea"));
  EXPECT_EQ(answer(router, "DELETE", "/files/x"), "files");
  EXPECT_EQ(answer(router, "GET", "/files/special"), "special");
  EXPECT_EQ(answer(router, "BREW", "/pot"), "tea");
}

// The path is split before it is decoded: an encoded slash or dot cannot reach another route.
// RFC 3986 §2.2: an encoded slash separates nothing.
TEST(Router, is_not_fooled_by_encoded_slashes) {
  Router router;
  router.get("/admin/x", says("admin")).get("/:one", says("one"));
  EXPECT_EQ(answer(router, "GET", "/admin%2Fx"), "one");
  EXPECT_EQ(answer(router, "GET", "/%61dmin/x"), "admin");
}

}  // namespace
}  // namespace bulla::http
