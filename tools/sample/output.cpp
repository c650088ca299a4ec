#include "tools/sample/output.hpp"

#include <algorithm>

#include "lib/base/error.hpp"
#include "lib/base/file_batch.hpp"
#include "lib/base/parallel.hpp"
#include "lib/image/image_file.hpp"
#include "lib/image/pixels.hpp"
#include "lib/tensor/formats/npz.hpp"
#include "tools/sample/sheet.hpp"

namespace diffusion::cli {
namespace {

std::string eight_bits(const Tensor& values) {
  std::string bytes(values.size(), '\0');
  to_samples({values.data(), values.size()}, reinterpret_cast<std::uint8_t*>(bytes.data()));
  return bytes;
}

std::string_view as_bytes(const Tensor& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

/// Sample n of a batch as a picture.
Image picture(const Tensor& samples, std::size_t n, const Shape& shape) {
  Image image{Tensor(shape), Depth::uint8};
  std::copy_n(samples.data() + n * image.pixels.size(), image.pixels.size(), image.pixels.data());
  return image;
}

std::vector<std::size_t> batch_shape(const SampleOutput& output) {
  std::vector<std::size_t> shape{output.count};
  shape.insert(shape.end(), output.shape.begin(), output.shape.end());
  return shape;
}

class FolderWriter : public SampleWriter {
 public:
  explicit FolderWriter(const SampleOutput& output) : output_(output) { make_folder(output.path); }

  void take(std::size_t offset, const Tensor& samples) override {
    parallel_for(samples.shape()[0], [&](std::size_t n) {
      const std::string path = sample_path(output_.path, output_.first + offset + n);
      files_.add(path, encode_image(path, picture(samples, n, output_.shape)));
    });
    files_.flush();
  }
  void finish() override { files_.finish(); }

 private:
  SampleOutput output_;
  FileBatch files_;
};

class ArrayWriter : public SampleWriter {
 public:
  explicit ArrayWriter(const SampleOutput& output)
      : as_float_(output.as_float),
        file_(output.path, as_float_ ? NpyType::float32 : NpyType::uint8, batch_shape(output)) {}

  void take(std::size_t, const Tensor& samples) override {
    const std::string narrow = as_float_ ? std::string() : eight_bits(samples);
    const std::string_view bytes = as_float_ ? as_bytes(samples) : std::string_view(narrow);
    file_.append(bytes.data(), bytes.size());
  }
  void finish() override { file_.commit(); }

 private:
  bool as_float_;
  NpyWriter file_;
};

/// The layout of published evaluation batches: `arr_0`, N x H x W x C, and where there
/// are classes `arr_1`, those of the samples.
class ArchiveWriter : public SampleWriter {
 public:
  explicit ArchiveWriter(const SampleOutput& output) : output_(output), file_(output.path) {
    file_.begin("arr_0", output.as_float ? NpyType::float32 : NpyType::uint8, batch_shape(output));
  }

  void take(std::size_t, const Tensor& samples) override {
    const std::string narrow = output_.as_float ? std::string() : eight_bits(samples);
    const std::string_view bytes = output_.as_float ? as_bytes(samples) : std::string_view(narrow);
    file_.append(bytes.data(), bytes.size());
  }
  void finish() override {
    if (!output_.turns.empty()) add_labels();
    file_.commit();
  }

 private:
  void add_labels() {
    file_.begin("arr_1", NpyType::int64, {output_.count});
    for (std::size_t n = 0; n < output_.count; ++n) {
      const std::int64_t label = output_.turns[n % output_.turns.size()].label;
      file_.append(&label, sizeof label);
    }
  }

  SampleOutput output_;
  NpzWriter file_;
};

}  // namespace

void add_output_options(const Flags& flags, std::string& output, bool& as_float,
                        SheetRequest& sheet) {
  flags.add({"-o,--output", "PATH",
             "Folder, .npy, .npz, or - for an array on standard output (the default)", files()},
            output);
  flags.add({"--float", "", "Arrays of float32 in [-1, 1] rather than 8 bits"}, as_float);
  flags.add({"--sheet", "FILE", "Also write one picture of all samples", pictures()}, sheet.path);
  flags.add({.names = "--columns",
             .value = "N",
             .help = "Columns of the sheet",
             .values = whole(1, 10000),
             .otherwise = "a row a class, or a square",
             .needs = "--sheet"},
            sheet.columns);
  flags.add({.names = "--sheet-numbers",
             .help = "Number the samples beside its rows",
             .needs = "--sheet"},
            sheet.numbers);
}

std::string sample_path(const std::string& folder, std::uint64_t number) {
  const std::string digits = std::to_string(number);
  return folder + (folder.ends_with('/') ? "" : "/") +
         std::string(digits.size() < 6 ? 6 - digits.size() : 0, '0') + digits + ".png";
}

void need_picture_shape(const Shape& shape, const std::string& path) {
  const std::size_t channels = shape[2];
  if (channels == 1 || channels == 3 || channels == 4) return;
  throw Error(path + ": samples of " + describe(shape) +
              " are no pictures (1, 3 or 4 channels); write .npy or .npz");
}

std::vector<std::unique_ptr<SampleWriter>> sample_writers(const SampleOutput& output) {
  std::vector<std::unique_ptr<SampleWriter>> writers;
  const std::string kind = extension(output.path);
  if (output.path.empty()) {
  } else if (output.path == "-" || kind == ".npy") {
    refuse_terminal(output.path, "an array of samples");
    writers.push_back(std::make_unique<ArrayWriter>(output));
  } else if (kind == ".npz") {
    writers.push_back(std::make_unique<ArchiveWriter>(output));
  } else if (names_folder(output.path)) {
    need_picture_shape(output.shape, output.path);
    writers.push_back(std::make_unique<FolderWriter>(output));
  } else {
    throw Error(output.path +
                ": samples go to a folder (a name with a trailing / or no extension), "
                ".npy, .npz or - for standard output");
  }
  if (const std::string& sheet = output.sheet.path; !sheet.empty()) {
    need_picture_shape(output.shape, sheet);
    if (!is_writable_image_name(sheet))
      throw Error(sheet + ": a sheet is a picture; name it .png, for instance");
    writers.push_back(std::make_unique<SheetWriter>(output));
  }
  return writers;
}

}  // namespace diffusion::cli
