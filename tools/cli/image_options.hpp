// The flags that say how images are read, for every tool that takes DATA.
#pragma once
#include "lib/image/image_set.hpp"
#include "lib/image/labels.hpp"
#include "tools/cli/tool.hpp"

namespace diffusion::cli {

/// Under which --help lists them.
inline constexpr const char* images_heading = "Images";

/// What the reading of images tells a person, the tool says.
Telling telling_of(const Tool& tool);

/// --size, --crop, --gray, --rgb, --orient, --16-bit, --layout and --range.
void add_image_options(const Flags& flags, ImageSetOptions& options);

/// What --alpha takes where images end without opacity: "flatten=COLOUR" or "drop".
Values opacities();

/// --alpha, for images that models are shown.
void add_opacity(const Flags& flags, ImageSetOptions& options);

/// --files-from and -0: for tools whose DATA is one set.
void add_file_list(const Flags& flags, ImageSetOptions& options);

/// Names images that were left out of DATA, `failures`, and counts them beside those used.
void complain_of(const Tool& tool, const std::vector<std::string>& failures, std::size_t used,
                 const std::string& data);

/// Where only some images of DATA have a label: how many have none.
void tell_of_unlabelled(const Tool& tool, const Unlabelled& images, const std::string& data);

}  // namespace diffusion::cli
