#include <bulla/http.h>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace bulla::http {
namespace {

namespace fs = std::filesystem;

const Time now{Milliseconds(1'800'000'000'000)};

class StaticFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "bulla-http-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    top_ = name;
    root_ = top_ / "root";
    fs::create_directories(root_ / "sub" / "deep");
    fs::create_directories(root_ / ".well-known");
    fs::create_directories(root_ / "empty");
    put("hello.txt", "hello, world");
    put("index.html", "<p>home");
    put("sub/a b&c<.html", "x");
    put("sub/deep/f", "deep");
    put(".secret", "hidden");
    put(".well-known/token", "token");
    put("../outside.txt", "outside");
    put("zero", "");
    fs::create_directory_symlink("sub", root_ / "inner");
    fs::create_symlink("../outside.txt", root_ / "escape.txt");
    fs::create_directory_symlink("..", root_ / "up");
    fs::create_directory_symlink("/", root_ / "slash");
    fs::create_symlink("loop", root_ / "loop");
    files_.emplace(StaticFiles::open({.root = root_.string(), .now = [] { return now; }}).value());
  }
  void TearDown() override { fs::remove_all(top_); }

  void put(const std::string& name, const std::string& text) { std::ofstream(root_ / name) << text; }

  static Request request(std::string_view path, Headers headers = {}, std::string_view method = "GET") {
    Request r;
    r.method = method;
    r.raw_path = r.target = path;
    r.path = percent_decode(path).value_or("");
    r.headers = std::move(headers);
    return r;
  }
  Response get(std::string_view path, Headers headers = {}) const {
    return (*files_)(request(path, std::move(headers)));
  }

  static std::string body_of(const Response& response) {
    if (!response.file) return response.body;
    std::string out(response.file->length, '\0');
    const auto n = response.file->file->read_at(response.file->offset,
                                                {reinterpret_cast<uint8_t*>(out.data()), out.size()});
    EXPECT_EQ(*n, out.size());
    return out;
  }

  fs::path top_, root_;
  std::optional<StaticFiles> files_;
};

TEST_F(StaticFilesTest, serves_files) {
  const Response r = get("/hello.txt");
  EXPECT_EQ(r.status, 200);
  EXPECT_EQ(body_of(r), "hello, world");
  EXPECT_EQ(r.headers["Content-Type"], "text/plain; charset=utf-8");
  EXPECT_EQ(r.headers["X-Content-Type-Options"], "nosniff");
  EXPECT_EQ(r.headers["Accept-Ranges"], "bytes");
  EXPECT_TRUE(r.headers.contains("ETag"));
  EXPECT_TRUE(parse_http_date(r.headers["Last-Modified"], now));
  EXPECT_EQ(body_of(get("/")), "<p>home");
  EXPECT_EQ(get("/").headers["Content-Type"], "text/html; charset=utf-8");
  EXPECT_EQ(body_of(get("/sub/deep/f")), "deep");
  EXPECT_EQ(get("/sub/a%20b&c%3C.html").status, 200);
  EXPECT_EQ(body_of(get("/.well-known/token")), "token");
  EXPECT_EQ(body_of(get("/inner/deep/f")), "deep");
  EXPECT_EQ(get("/zero").status, 200);
}

// RFC 3986 §2.2: an encoded slash separates nothing.
TEST_F(StaticFilesTest, cannot_be_left) {
  for (const char* path : {"/../outside.txt",
                           "/%2e%2e/outside.txt",
                           "/..%2foutside.txt",
                           "/sub/../../outside.txt",
                           "/sub%2f..%2f..%2foutside.txt",
                           "/.%2e/outside.txt",
                           "/escape.txt",
                           "/up/outside.txt",
                           "/up/",
                           "/slash/etc/passwd",
                           "//etc/passwd",
                           "/%2fetc%2fpasswd",
                           "/sub//deep/f",
                           "/./hello.txt",
                           "/hello.txt/",
                           "/hello.txt/.",
                           "/hello.txt%00.png",
                           "/..",
                           "/.",
                           "/loop",
                           "/loop/x",
                           "/sub%2fdeep%2ff",
                           "/..%5coutside.txt",
                           "/%zz",
                           "/up%2foutside.txt",
                           "/inner/../../outside.txt",
                           "/sub/..",
                           "/none",
                           "/nope/x"}) {
    const Response r = get(path);
    EXPECT_EQ(r.status, 404) << path;
    EXPECT_FALSE(r.file) << path;
  }
}

// RFC 9110 §15.5.4: 404 stands for what is hidden.
TEST_F(StaticFilesTest, hides_dotfiles) {
  EXPECT_EQ(get("/.secret").status, 404);
  EXPECT_EQ(get("/%2esecret").status, 404);
  EXPECT_EQ(get("/.well-known/../.secret").status, 404);
}

// A link does not show what a name would hide, wherever on the way it lies.
TEST_F(StaticFilesTest, hides_dotfiles_behind_links) {
  fs::create_directories(root_ / ".local" / "share");
  put(".local/share/key", "hidden");
  fs::create_directory_symlink(".local/share", root_ / "share");
  fs::create_symlink(".secret", root_ / "secret.txt");
  fs::create_symlink("../.local/share/key", root_ / "sub" / "key");
  fs::create_directory_symlink(".well-known", root_ / "known");
  for (const char* path : {"/share/key", "/share/", "/secret.txt", "/sub/key"})
    EXPECT_EQ(get(path).status, 404) << path;
  EXPECT_EQ(body_of(get("/known/token")), "token");
}

// Kubernetes mounts a folder as links through "..data" to a version whose name begins with two dots.
TEST_F(StaticFilesTest, serves_what_kubernetes_mounts) {
  fs::create_directories(root_ / "..2026_12_01");
  put("..2026_12_01/page.html", "<p>mounted");
  fs::create_directory_symlink("..2026_12_01", root_ / "..data");
  fs::create_symlink("..data/page.html", root_ / "page.html");
  EXPECT_EQ(body_of(get("/page.html")), "<p>mounted");
  EXPECT_EQ(get("/..data/page.html").status, 404);
  EXPECT_EQ(get("/..2026_12_01/page.html").status, 404);
}

TEST_F(StaticFilesTest, redirects_folders_and_stays_on_the_site) {
  Request r = request("/sub");
  r.query = "a=b";
  const Response response = (*files_)(r);
  EXPECT_EQ(response.status, 301);
  EXPECT_EQ(response.headers["Location"], "/sub/?a=b");
  // "//host/.." would be another site for a browser.
  EXPECT_EQ(get("//sub").status, 404);
  EXPECT_EQ(get("/empty/").status, 404);
}

TEST_F(StaticFilesTest, refuses_other_methods) {
  const Response r = (*files_)(request("/hello.txt", {}, "POST"));
  EXPECT_EQ(r.status, 405);
  EXPECT_EQ(r.headers["Allow"], "GET, HEAD");
  EXPECT_EQ((*files_)(request("/hello.txt", {}, "BREW")).status, 501);
  EXPECT_EQ((*files_)(request("/hello.txt", {}, "HEAD")).status, 200);
  EXPECT_EQ((*files_)(request("*", {}, "OPTIONS")).status, 405);
}

TEST_F(StaticFilesTest, refuses_what_is_no_regular_file) {
  ASSERT_EQ(::mkfifo((root_ / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(get("/pipe").status, 404);
  if (::geteuid() != 0) {
    fs::permissions(root_ / "hello.txt", fs::perms::none);
    EXPECT_EQ(get("/hello.txt").status, 403);
  }
}

// RFC 9110 §13, §13.2.2, §8.8.3.2: in their order, weakly and strongly compared.
TEST_F(StaticFilesTest, answers_conditions) {
  const Response first = get("/hello.txt");
  const std::string tag(first.headers["ETag"]), date(first.headers["Last-Modified"]);
  for (const Headers& same : {Headers{{"If-None-Match", tag}}, Headers{{"If-None-Match", "\"x\", W/" + tag}},
                              Headers{{"If-None-Match", "*"}}, Headers{{"If-Modified-Since", date}}}) {
    const Response r = get("/hello.txt", same);
    EXPECT_EQ(r.status, 304);
    EXPECT_FALSE(r.file);
    EXPECT_EQ(r.headers["ETag"], tag);
  }
  for (const Headers& other :
       {Headers{{"If-None-Match", "\"x\""}}, Headers{{"If-None-Match", tag.substr(1)}},
        Headers{{"If-Modified-Since", "Thu, 01 Jan 1970 00:00:00 GMT"}},
        Headers{{"If-Modified-Since", "yesterday"}},
        Headers{{"If-None-Match", "\"x\""}, {"If-Modified-Since", date}}, Headers{{"If-Match", tag}},
        Headers{{"If-None-Match", "W/"}}, Headers{{"If-None-Match", ""}}})
    EXPECT_EQ(get("/hello.txt", other).status, 200);
  for (const Headers& failed : {Headers{{"If-Match", "\"x\""}}, Headers{{"If-Match", "W/" + tag}},
                                Headers{{"If-Unmodified-Since", "Thu, 01 Jan 1970 00:00:00 GMT"}}})
    EXPECT_EQ(get("/hello.txt", failed).status, 412);
}

// RFC 9110 §14
TEST_F(StaticFilesTest, serves_one_range) {
  const auto range = [&](std::string_view value) {
    return get("/hello.txt", {{"Range", std::string(value)}});
  };
  EXPECT_EQ(body_of(range("bytes=0-4")), "hello");
  EXPECT_EQ(range("bytes=0-4").status, 206);
  EXPECT_EQ(range("bytes=0-4").headers["Content-Range"], "bytes 0-4/12");
  EXPECT_EQ(body_of(range("bytes=7-")), "world");
  EXPECT_EQ(body_of(range("bytes=-5")), "world");
  EXPECT_EQ(body_of(range("bytes=-500")), "hello, world");
  EXPECT_EQ(body_of(range("bytes=11-18446744073709551615")), "d");
  for (const char* beyond : {"bytes=12-", "bytes=12-20", "bytes=-0"}) {
    EXPECT_EQ(range(beyond).status, 416) << beyond;
    EXPECT_EQ(range(beyond).headers["Content-Range"], "bytes */12");
  }
  for (const char* ignored : {"bytes=0-1,3-4", "bytes=4-1", "bytes=", "bytes=a-b", "bytes", "bytes=-",
                              "lines=0-1", "bytes=0--1", "bytes=18446744073709551616-"})
    EXPECT_EQ(range(ignored).status, 200) << ignored;
  EXPECT_EQ(get("/zero", {{"Range", "bytes=0-"}}).status, 416);
  EXPECT_EQ((*files_)(request("/hello.txt", {{"Range", "bytes=0-1"}}, "HEAD")).status, 200);
}

TEST_F(StaticFilesTest, serves_a_range_only_of_the_same_file) {
  const Response first = get("/hello.txt");
  const std::string tag(first.headers["ETag"]), date(first.headers["Last-Modified"]);
  EXPECT_EQ(get("/hello.txt", {{"Range", "bytes=0-1"}, {"If-Range", tag}}).status, 206);
  EXPECT_EQ(get("/hello.txt", {{"Range", "bytes=0-1"}, {"If-Range", date}}).status, 206);
  for (const std::string& other :
       {std::string("\"x\""), "W/" + tag, std::string("Thu, 01 Jan 1970 00:00:00 GMT"), std::string()})
    EXPECT_EQ(get("/hello.txt", {{"Range", "bytes=0-1"}, {"If-Range", other}}).status, 200) << other;
}

// RFC 9110 §8.8.2.1: a file of tomorrow was changed at the latest now.
TEST_F(StaticFilesTest, no_file_is_younger_than_its_response) {
  const timespec tomorrow = {1'800'000'000 + 86'400, 0};
  const timespec times[] = {tomorrow, tomorrow};
  ASSERT_EQ(::utimensat(AT_FDCWD, (root_ / "hello.txt").c_str(), times, 0), 0);
  EXPECT_EQ(get("/hello.txt").headers["Last-Modified"], http_date(now));
}

// RFC 3986 §4.2: a name with a colon is not to be read as a scheme.
TEST_F(StaticFilesTest, lists_names_with_colons_as_relative) {
  put("javascript:alert(1)", "x");
  const auto listing =
      StaticFiles::open({.root = root_.string(), .index = "", .listing = Listing::on}).value();
  const std::string page = listing(request("/")).body;
  EXPECT_NE(page.find("href=\"./javascript%3Aalert%281%29\""), std::string::npos) << page;
}

TEST_F(StaticFilesTest, lists_folders_only_when_asked_and_escapes) {
  EXPECT_EQ(get("/sub/").status, 404);
  const auto listing =
      StaticFiles::open({.root = root_.string(), .index = "", .listing = Listing::on}).value();
  const Response sub = listing(request("/sub/"));
  EXPECT_EQ(sub.status, 200);
  EXPECT_NE(sub.body.find("href=\"./a%20b%26c%3C.html\">a b&amp;c&lt;.html</a>"), std::string::npos)
      << sub.body;
  EXPECT_NE(sub.body.find("./deep/"), std::string::npos);
  EXPECT_EQ(listing(request("/")).body.find(".secret"), std::string::npos);
}

TEST_F(StaticFilesTest, can_be_mounted_below_a_prefix) {
  const auto mounted = StaticFiles::open({.root = root_.string(), .url_prefix = "/files/"}).value();
  EXPECT_EQ(mounted(request("/files/hello.txt")).status, 200);
  EXPECT_EQ(mounted(request("/files")).status, 301);
  EXPECT_EQ(mounted(request("/hello.txt")).status, 404);
  EXPECT_EQ(mounted(request("/filesx/hello.txt")).status, 404);
  EXPECT_EQ(StaticFiles::open({.root = root_.string(), .url_prefix = "files"}).error().code,
            ErrorCode::bad_config);
  EXPECT_EQ(StaticFiles::open({.root = (root_ / "none").string()}).error().code, ErrorCode::bad_config);
  EXPECT_EQ(StaticFiles::open({.root = (root_ / "hello.txt").string()}).error().code, ErrorCode::bad_config);
}

TEST_F(StaticFilesTest, file_refuses_folders_and_the_missing) {
  for (const std::string& path : {root_.string(), (root_ / "none").string(), std::string("a\0b", 3)})
    EXPECT_EQ(File::open(path).error().code, ErrorCode::http_file_unreadable);
  EXPECT_EQ(Response::from_file((root_ / "hello.txt").string()).file->length, 12u);
}

TEST(ContentType, comes_from_the_extension) {
  EXPECT_EQ(content_type_of("a/b.HTML"), "text/html; charset=utf-8");
  EXPECT_EQ(content_type_of("x.tar.gz"), "application/gzip");
  for (const char* unknown : {"", "x", "x.", "a.b/c", "x.unknownextensionthatislong", ".html/x"})
    EXPECT_EQ(content_type_of(unknown), "application/octet-stream") << unknown;
}

}  // namespace
}  // namespace bulla::http
