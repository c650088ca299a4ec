// What an archive file holds, found out before any of its pictures is decoded.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lib/base/files_at_hand.hpp"
#include "lib/image/archive_members.hpp"
#include "lib/image/label_sources.hpp"

namespace diffusion {

struct ArchiveListing {
  std::string path;
  KindOfSet kind = KindOfSet(path);
  std::vector<ArchivedFile> images = {};  // in the order of the archive
  LabelFiles labels = {};
  std::string damage = "";   // why there may be more; "" at its end
  std::string refusal = "";  // why it is not an archive of pictures; "" where it is
  /// The bytes of one of the images, from any thread. Throws Error. None: they can't be found
  /// again, and come in the order of the archive alone.
  std::function<std::string(const ArchivedFile&)> contents = {};
};

/// Goes through the members of a tar, or the directory of a zip archive; contents are not read but
/// for labels and what is to be recognised. People are told of files that are passed over. Throws
/// Error where there are pictures and arrays too.
ArchiveListing list_archive(const std::string& path, const std::shared_ptr<FilesAtHand>& files,
                            const ImageSetOptions& options);

}  // namespace diffusion
