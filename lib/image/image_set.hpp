// Image sets: files, folders, arrays, archives, seen as one sequence of named images.
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/file.hpp"
#include "lib/image/image_file.hpp"

namespace diffusion {

struct Ranks;

/// One image that has not been decoded yet.
struct ImageEntry {
  std::string name;             // path below DATA ("cats/a.png"), or "batch.npy[17]"
  std::uint64_t id;             // address of its noise: the row of an array, else fnv1a(name)
  std::optional<int> label;     // class, where the source has them
  std::function<Image()> load;  // decodes; callable from any thread, more than once;
                                // throws Error that names the file and the cause
  std::optional<std::size_t> row = {};  // where it comes from an array
  bool damage = false;       // stands for what a damaged archive lost: nobody knows how many
  std::string culprit = {};  // what messages call it: its name behind that of DATA

  const std::string& called() const { return culprit.empty() ? name : culprit; }
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
  std::string why_unlabelled = {};       // why what may have classes has none, or ""
  std::string read_once = {};            // where `passing`: the first source that is, by its name
  std::string damaged = {};              // an archive of which nobody knows how many it lost, or ""
  /// For ranks of which each decodes a part: each then knows what all saw.
  std::function<void(const Ranks&)> share_sightings = [](const Ranks&) {};
  /// Tells what shows only in the pixels. Who has read what they wanted of the set calls it.
  std::function<void()> conclude = [] {};
};

/// A file ("-": standard input) that names pictures, one a line or between other
/// separators ('\0', as find -print0 writes them).
struct FileList {
  std::string path;
  char separator = '\n';
};

/// What the values of arrays are: those of pictures, in their range; numbers of any scale and any
/// count of channels, handed on unchanged; or the one or the other, by channels: numbers where they
/// are no picture's, or are 2 or 4 floats and nothing is asked for that pictures alone can heed.
enum class ArrayValues { pictures, as_they_are, by_channels };

using Colour = std::array<float, 3>;  // red, green, blue in [-1, 1]

/// What images that are not opaque become: laid on a ground, or, without one, their colours
/// as they are stored.
struct Opacity {
  std::optional<Colour> ground = {};
  bool assumed = false;  // nobody asked for it: a person is told
};

/// Where a person is told what they should know of a set, and what they may ask for. By
/// default nobody is.
struct Telling {
  using Say = std::function<void(const std::string& message)>;
  Say say = [](const std::string&) {}, explain = [](const std::string&) {};
};

class SeenImages;

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
  /// H, W, C that numbers should have: in whose order axes are, where nobody says it.
  std::optional<std::array<std::size_t, 3>> expected = {};
  std::optional<SixteenBits> sixteen = {};  // default: scale
  bool orient = false;                      // turned as EXIF's orientation says
  std::optional<Opacity> opacity = {};      // nothing: it stays
  Telling telling = {};
  std::shared_ptr<SeenImages> seen = {};  // open_images() gives each set its own
};

/// The same, with opacity on white where nobody asked for something else.
ImageSetOptions without_opacity(ImageSetOptions options);

/// Opens every DATA argument: a file, folder (recursive, hidden files skipped),
/// .npy/.npz batch, IDX file (gzipped too), CIFAR batch, tar (compressed too) or zip archive,
/// folder of such archives, or a pipe or "-", standard input, for a picture, array or archive.
/// Archives that follow one another are one set. Folders and archives hold
/// pictures, or .npy files of one picture each; what else they hold is passed over, and a
/// person told. Throws Error when one is missing or unreadable, or when a folder has no
/// images, or both kinds.
ImageSet open_images(const std::vector<std::string>& data, const ImageSetOptions& options = {});

/// The .npy files of a folder or an archive, one a sample, their values as they are; nothing
/// where `path` is something else, or they are pictures. Throws as open_images().
std::optional<ImageSet> open_samples(const std::string& path);

/// What open_images({data}) makes of a pipe or standard input, for those who had to look at
/// its first bytes.
ImageSet open_image_stream(std::shared_ptr<InputFile> stream, const std::string& data,
                           const ImageSetOptions& options = {});

}  // namespace diffusion
