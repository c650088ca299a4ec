#include "tools/sample/round_trip.hpp"

#include <cmath>
#include <ostream>
#include <utility>

#include "lib/base/text.hpp"

namespace diffusion {
namespace {

void add_numbers(Json& to, const RoundTrip& trip) {
  to["rms"] = number_to_json(trip.rms);
  to["psnr"] = number_to_json(trip.psnr());
  to["latent_rms"] = number_to_json(trip.latent_rms);
}

}  // namespace

double RoundTrip::psnr() const { return 20 * std::log10(2 / rms); }

std::vector<RoundTrip> round_trips(const InvertImages& images, const WalkedImages& walked) {
  const std::size_t count = images.names.size(), each = walked.latents.size() / count;
  const auto root_mean = [](double sum, std::size_t n) { return std::sqrt(sum / double(n)); };
  std::vector<RoundTrip> trips;
  double all_errors = 0, all_latents = 0;
  for (std::size_t n = 0; n < count; ++n) {
    double errors = 0, latents = 0;
    for (std::size_t i = n * each; i < (n + 1) * each; ++i) {
      errors += std::pow(double(walked.samples.data()[i]) - double(images.pixels.data()[i]), 2);
      latents += std::pow(double(walked.latents.data()[i]) / walked.noise, 2);
    }
    trips.push_back({images.names[n], root_mean(errors, each), root_mean(latents, each)});
    all_errors += errors;
    all_latents += latents;
  }
  trips.push_back(
      {"all", root_mean(all_errors, count * each), root_mean(all_latents, count * each)});
  return trips;
}

void print_table(std::ostream& out, const std::vector<RoundTrip>& trips) {
  out << "image\trms\tpsnr\tlatent_rms\n";
  for (const RoundTrip& trip : trips)
    out << trip.name << '\t' << significant(trip.rms, 4) << '\t' << significant(trip.psnr(), 4)
        << '\t' << significant(trip.latent_rms, 4) << '\n';
}

Json to_json(const std::vector<RoundTrip>& trips, Json about) {
  add_numbers(about, trips.back());
  about["images"] = Json::array();
  for (std::size_t n = 0; n + 1 < trips.size(); ++n) {
    Json image{{"name", trips[n].name}};
    add_numbers(image, trips[n]);
    about["images"].push_back(std::move(image));
  }
  return about;
}

}  // namespace diffusion
