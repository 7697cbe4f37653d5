#include "http/conditions.h"
#include "http/folder.h"
#include "http/text.h"

#include <bulla/http.h>

#include <cerrno>
#include <cstdio>

namespace bulla::http {
namespace {

constexpr size_t max_listed = 10000;

/// The names that lead to a path, or nothing if it is one that may not be asked for. Split first, decoded
/// then, so that an encoded slash cannot make two names of one (RFC 3986 §2.2). An empty last name means: the
/// folder itself.
std::optional<std::vector<std::string>> names_of(std::string_view path) {
  std::vector<std::string> names;
  for (bool last = false; !last;) {
    const size_t slash = path.find('/');
    last = slash == std::string_view::npos;
    auto name = percent_decode(path.substr(0, slash));
    if (!name || name->find('/') != std::string::npos || name->find('\0') != std::string::npos)
      return std::nullopt;
    // "." and ".." begin with a dot, too.
    if (is_hidden(*name) || (name->empty() && !last)) return std::nullopt;
    names.push_back(std::move(*name));
    if (!last) path.remove_prefix(slash + 1);
  }
  return names;
}

/// RFC 9110 §15.5.4 lets 404 stand for what is hidden; 503 says that trying again makes sense.
Response failure(int error) {
  switch (error) {
    case EACCES:
    case EPERM: return Response::of_status(403);
    case EMFILE:
    case ENFILE:
    case ENOMEM: return Response::of_status(503);
    default: return Response::of_status(404);
  }
}

Validators validators_of(const File& file, Time now) {
  char tag[48];
  std::snprintf(tag, sizeof tag, "\"%llx-%llx\"", static_cast<unsigned long long>(file.modified_ns()),
                static_cast<unsigned long long>(file.size()));
  const Time changed{Milliseconds(file.modified_ns() / 1'000'000)};
  // RFC 9110 §8.8.2.1: never later than the message's own date.
  return {tag, std::chrono::floor<Seconds>(std::min(changed, now))};
}

Response serve_file(const Request& request, std::shared_ptr<const File> file, const std::string& name,
                    Time now) {
  const Validators validators = validators_of(*file, now);
  const Verdict verdict = check_conditions(request.headers, validators, now);
  if (verdict == Verdict::precondition_failed) return Response::of_status(412);
  Response response;
  const uint64_t size = file->size();
  if (verdict == Verdict::not_modified) {
    response.status = 304;
  } else {
    response.file_body(std::move(file), name);
    response.header("X-Content-Type-Options", "nosniff").header("Accept-Ranges", "bytes");
  }
  response.header("ETag", validators.etag).header("Last-Modified", http_date(validators.last_modified));
  if (verdict == Verdict::not_modified || request.method != "GET") return response;
  const RangeChoice choice = choose_range(request.headers, validators, size, now);
  if (choice.kind == RangeKind::unsatisfiable)
    return Response::of_status(416).header("Content-Range", "bytes */" + std::to_string(size));
  if (choice.kind == RangeKind::part) {
    const auto [first, last] = choice.range;
    response.status = 206;
    response.file->offset = first;
    response.file->length = last - first + 1;
    response.header("Content-Range", "bytes " + std::to_string(first) + '-' + std::to_string(last) + '/' +
                                         std::to_string(size));
  }
  return response;
}

Response list_folder(const Request& request, const Node& folder) {
  const std::string title = "Index of " + html_escape(printable(request.path));
  std::string page = "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>" + title +
                     "</title></head>\n<body><h1>" + title + "</h1>\n<ul>\n";
  if (request.raw_path != "/") page += "<li><a href=\"../\">../</a></li>\n";
  for (const Entry& entry : entries_of(folder, max_listed)) {
    const std::string_view slash = entry.kind == NodeKind::folder ? "/" : "";
    // "./" keeps a name with a colon from being read as a scheme (RFC 3986 §4.2).
    page += "<li><a href=\"./" + percent_encode(entry.name) + std::string(slash) + "\">" +
            html_escape(printable(entry.name)) + std::string(slash) + "</a></li>\n";
  }
  return Response{}
      .html(page + "</ul>\n</body></html>\n")
      .header("Content-Security-Policy", "default-src 'none'")
      .header("X-Content-Type-Options", "nosniff");
}

Response to_folder(const Request& request) {
  return Response::redirect(301, request.raw_path + '/' + (request.query.empty() ? "" : '?' + request.query));
}

}  // namespace

struct StaticFiles::Root {
  StaticOptions options;
  Folder folder;

  Time now() const {
    return options.now ? options.now() : std::chrono::floor<Milliseconds>(std::chrono::system_clock::now());
  }
  Response serve(const Request& request, std::vector<std::string> names) const;
  Response serve_folder(const Request& request, std::vector<std::string> names, const Node& node) const;
};

Result<StaticFiles> StaticFiles::open(StaticOptions options) {
  if (options.url_prefix.empty() || options.url_prefix.front() != '/' || options.url_prefix.back() != '/')
    return Error{ErrorCode::bad_config, "url_prefix must begin and end with a slash"};
  BULLA_TRY(Folder folder, Folder::open(options.root));
  return StaticFiles(std::make_shared<const Root>(Root{std::move(options), std::move(folder)}));
}

Response StaticFiles::operator()(const Request& request) const {
  if (!is_implemented(request.method)) return Response::of_status(501);
  if (request.method != "GET" && request.method != "HEAD")
    return Response::of_status(405).header("Allow", "GET, HEAD");
  const std::string_view path = request.raw_path, prefix = root_->options.url_prefix;
  if (path.size() + 1 == prefix.size() && prefix.substr(0, path.size()) == path) return to_folder(request);
  if (path.substr(0, prefix.size()) != prefix) return Response::of_status(404);
  auto names = names_of(path.substr(prefix.size()));
  if (!names) return Response::of_status(404);
  return root_->serve(request, std::move(*names));
}

Response StaticFiles::Root::serve(const Request& request, std::vector<std::string> names) const {
  const bool asks_folder = names.back().empty();
  if (asks_folder) names.pop_back();
  auto opened = folder.open_below(names);
  if (const int* error = std::get_if<int>(&opened)) return failure(*error);
  Node& node = *std::get_if<Node>(&opened);
  if (node.kind == NodeKind::folder)
    return asks_folder ? serve_folder(request, std::move(names), node) : to_folder(request);
  if (asks_folder) return Response::of_status(404);
  auto file = File::adopt(node.descriptor.release());
  return file ? serve_file(request, std::move(*file), names.back(), now()) : Response::of_status(404);
}

Response StaticFiles::Root::serve_folder(const Request& request, std::vector<std::string> names,
                                         const Node& node) const {
  if (!options.index.empty()) {
    names.push_back(options.index);
    auto index = folder.open_below(names);
    Node* found = std::get_if<Node>(&index);
    if (found && found->kind == NodeKind::file) {
      auto file = File::adopt(found->descriptor.release());
      if (file) return serve_file(request, std::move(*file), options.index, now());
    }
    const int* error = std::get_if<int>(&index);
    if (error && *error != ENOENT && *error != ENOTDIR && *error != ELOOP) return failure(*error);
  }
  return options.listing == Listing::on ? list_folder(request, node) : Response::of_status(404);
}

}  // namespace bulla::http
