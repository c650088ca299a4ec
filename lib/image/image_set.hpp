// Image sets: files, folders, arrays, archives, seen as one sequence of named images.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/file.hpp"
#include "lib/image/image_file.hpp"

namespace diffusion {

/// One image that has not been decoded yet.
struct ImageEntry {
  std::string name;             // path below DATA ("cats/a.png"), or "batch.npy[17]"
  std::uint64_t id;             // address of its noise: the row of an array, else fnv1a(name)
  std::optional<int> label;     // class, where the source has them
  std::function<Image()> load;  // decodes; callable from any thread, more than once;
                                // throws Error that names the file and the cause
  std::optional<std::size_t> row = {};  // where it comes from an array
  bool damage = false;  // stands for what a damaged archive lost: nobody knows how many
};

/// Entries come in a fixed order (natural sort of paths, rows of an array) by
/// cheap serial calls of next(); decoding them is left to as many threads as
/// there are. A set may be a stream: then count may not be known, and next() reads on.
struct ImageSet {
  std::function<std::optional<ImageEntry>()> next;
  std::optional<std::size_t> count;
  std::vector<std::string> label_names;  // by label, where the source names them
  bool passing = false;                  // entries hold their bytes: let go of one before long
  bool of_arrays = false;                // .npy files of a folder or an archive, one an image
};

/// A file ("-": standard input) that names pictures, one a line or between other
/// separators ('\0', as find -print0 writes them).
struct FileList {
  std::string path;
  char separator = '\n';
};

/// What the values of .npy files in a folder or an archive are: those of pictures, in their
/// range; or of samples of any shape and scale, handed on unchanged.
enum class ArrayValues { pictures, as_they_are };

/// What makes images alike, and how arrays are to be read. Defaults change nothing.
struct ImageSetOptions {
  std::optional<std::string> layout = {};  // "nhwc" or "nchw", where an array's shape is ambiguous
  std::optional<std::pair<double, double>> range = {};  // values of float arrays; default -1, 1
  std::optional<std::pair<std::size_t, std::size_t>> size = {};  // H, W: resized (clean bicubic)
  std::optional<std::pair<std::size_t, std::size_t>> crop = {};  // H, W: centre crop after resizing
  std::optional<std::size_t> channels = {};                      // 1 or 3; alpha is dropped
  std::optional<std::string> labels =
      {};                             // "prefix", or a file of labels (IDX, .npy, dataset.json)
  std::optional<FileList> list = {};  // more pictures, after those of DATA
  ArrayValues values = ArrayValues::pictures;
  SixteenBits sixteen = SixteenBits::scale;
  bool orient = false;  // turned as EXIF's orientation says
  /// Told, by any thread, of each picture that is read without being turned so.
  std::function<void(const std::string& name)> unturned = {};
};

/// Opens every DATA argument: a file, folder (recursive, hidden files skipped),
/// .npy/.npz batch, IDX file (gzipped too), CIFAR batch, tar archive (compressed too),
/// or "-" for a picture, array or tar stream on standard input. Folders and archives hold
/// pictures, or .npy files of one picture each. Throws Error when one is missing or
/// unreadable, or when a folder has no images, or both kinds.
ImageSet open_images(const std::vector<std::string>& data, const ImageSetOptions& options = {});

/// The .npy files of a folder or an archive, one a sample, their values as they are; nothing
/// where `path` is something else, or they are pictures. Throws as open_images().
std::optional<ImageSet> open_samples(const std::string& path);

/// What open_images({"-"}) makes of standard input, for those who had to look at its
/// first bytes.
ImageSet open_standard_input(std::shared_ptr<InputFile> stream,
                             const ImageSetOptions& options = {});

}  // namespace diffusion
