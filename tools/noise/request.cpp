#include "tools/noise/request.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/path.hpp"
#include "lib/image/image_file.hpp"
#include "tools/cli/output_files.hpp"

namespace diffusion {
namespace fs = std::filesystem;
namespace {

/// Refuses a --format that contradicts the name of one file.
void check_name(const NoiseRequest& request) {
  const StoreKind kind = request.images().kind;
  const std::string extension = extension_of(request.output);
  need_known_ending(request.images());
  if (request.format.empty()) return;
  const bool rows = request.format == "npy" || request.format == "csv";
  if (rows && (kind == StoreKind::folder || kind == StoreKind::tar))
    throw Error(request.output + ": " + (request.format == "npy" ? "an array" : "a table") +
                " goes to a file named ." + request.format + ", or to standard output");
  if ((kind == StoreKind::picture || request.images().in_rows()) && request.output != "-" &&
      extension != "." + request.format)
    throw Error(request.output + ": its name contradicts --format " + request.format);
}

void check_other_names(const NoiseRequest& request) {
  if (!request.strip.empty() && !is_writable_image_name(request.strip))
    throw Error(request.strip + ": --strip needs the name of a picture, such as strip.png");
  if (!request.gif.empty() && extension_of(request.gif) != ".gif")
    throw Error(request.gif + ": --gif needs a name that ends in .gif");
  if (request.eps().kind == StoreKind::picture)
    throw Error(request.eps_out + ": --eps-out needs the name of a folder, or FILE.npy or " +
                "FILE.tar: pictures would clip");
}

/// What says more of outputs that are not asked for.
void refuse_idle(const NoiseRequest& request) {
  if (!request.format.empty() && request.output.empty())
    throw Error("--format: means nothing without -o: it is of the noisy images");
  if (request.skip_existing && request.output.empty() && request.eps_out.empty())
    throw Error("--skip-existing: means nothing without -o or --eps-out");
}

/// Every file that is written under a name of its own.
std::vector<std::string> single_files(const NoiseRequest& request) {
  std::vector<std::string> files{request.manifest, request.strip, request.gif};
  for (const Destination& to : {request.images(), request.eps()})
    if (to.kind != StoreKind::folder) files.push_back(to.path);
  std::erase(files, "");
  return files;
}

void refuse_shared_names(const NoiseRequest& request) {
  auto files = single_files(request);
  if (request.json) files.push_back("-");
  cli::refuse_shared_names(std::move(files));
}

void refuse_output_over_input(const NoiseRequest& request) {
  std::error_code none;
  for (const auto& data : request.data)
    for (const auto& written : single_files(request))
      if (!fs::is_directory(data, none) && fs::equivalent(data, written, none))
        throw Error(written + ": is an input; write to another file");
}

}  // namespace

std::size_t NoiseRequest::shown() const {
  return std::max(strip.empty() ? 0 : strip_rows, gif.empty() ? 0 : look.images);
}

void settle(NoiseRequest& request) {
  if (request.data.empty() && !request.reading.list)
    throw Error("no images: needs files or folders, or - for standard input (see --help)");
  if (request.shown() == 0 && request.output.empty()) request.output = "-";
  if (request.dry_run && request.json)
    throw Error("--dry-run lists names, a line each; it has no --json");
  refuse_idle(request);
  check_name(request);
  check_other_names(request);
  refuse_shared_names(request);
  if (request.output == "-" && !request.dry_run && request.format != "csv")
    refuse_terminal("-", request.format == "npy" ? "a .npy array" : "a tar of pictures");
  refuse_output_over_input(request);
  if (request.dry_run) return;
  for (const auto& file : single_files(request)) cli::refuse_unwritable(file);
}

}  // namespace diffusion
