// DATA that is pictures, points or other numbers. Points are told apart before any of it is read.
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lib/base/file.hpp"
#include "lib/image/image_set.hpp"

namespace diffusion {

/// A DATA argument that was looked at.
struct DataArgument {
  std::string path;
  bool points = false;                     // else images, or nothing that is known
  std::shared_ptr<InputFile> stream = {};  // a pipe that had to be opened for it
};

/// What each argument holds: points where it is a text called .csv, .tsv or .txt, an array N x D
/// or, of floats, N x 1 x 1 x D, a folder or a tar of arrays 1 x 1 x D of floats; of a pipe also
/// any text. A pipe among several arguments is not looked at.
std::vector<DataArgument> look_at(const std::vector<std::string>& data);

/// Whether all of them are points. Throws Error where others lie beside points.
bool all_points(std::span<const DataArgument> data);

/// Numbers are arrays H x W x C that are no pictures: latents, masks, spectra.
enum class DataKind { pictures, points, numbers };

/// "images", "points", "numbers"
std::string_view name_of(DataKind kind);

/// What DATA holds, as one set.
struct DataSet {
  ImageSet set;
  DataKind kind = DataKind::pictures;
  std::string culprit;  // what messages call it
};

/// Opens points, 1 x 1 x D of one D with their values as they are, or images (see open_images), all
/// of which are numbers (options.values says which are), floats then, or none, as the first that
/// can be read. The classes of points are those of a file that options.labels names. Throws Error,
/// also where `options` ask of points what means nothing to them.
DataSet open_data(std::vector<DataArgument> data, const ImageSetOptions& options);

}  // namespace diffusion
