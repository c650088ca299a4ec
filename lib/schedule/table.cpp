#include "lib/schedule/table.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "lib/base/error.hpp"
#include "lib/base/registry.hpp"
#include "lib/base/text.hpp"
#include "lib/schedule/transition.hpp"

namespace diffusion {
namespace {

const NoiseLevel& level(const Schedule& s, int t) { return s.levels[std::size_t(t - 1)]; }
double beta(const Schedule& s, int t) { return s.betas[std::size_t(t - 1)]; }
double squared(double x) { return x * x; }
PosteriorStep posterior(const Schedule& s, int t) {
  return posterior_step(level(s, t), s.at(t - 1));
}

constexpr TableColumn rows[] = {
    {"t", "step, 1..T", [](const Schedule&, int t) { return double(t); }, false},
    {"beta", "variance added by the step", [](const Schedule& s, int t) { return beta(s, t); },
     true},
    {"one_minus_beta", "1 - beta", [](const Schedule& s, int t) { return 1 - beta(s, t); }, true},
    {"alpha_bar", "product of 1 - beta up to t; alpha^2",
     [](const Schedule& s, int t) { return squared(level(s, t).alpha); }, true},
    {"alpha_bar_prev", "alpha_bar of step t - 1; 1 before the first",
     [](const Schedule& s, int t) { return squared(s.at(t - 1).alpha); }, true},
    {"alpha", "marginal signal scale", [](const Schedule& s, int t) { return level(s, t).alpha; },
     false},
    {"sigma", "marginal noise scale", [](const Schedule& s, int t) { return level(s, t).sigma; },
     false},
    {"snr", "alpha^2/sigma^2",
     [](const Schedule& s, int t) {
       return squared(level(s, t).alpha) / squared(level(s, t).sigma);
     },
     false},
    {"log_snr", "natural logarithm of snr",
     [](const Schedule& s, int t) { return 2 * level(s, t).lambda; }, false},
    {"ve_sigma", "sigma/alpha, the sigma of Karras and k-diffusion",
     [](const Schedule& s, int t) { return level(s, t).ve_sigma(); }, false},
    {"posterior_variance", "variance of q(x_{t-1} | x_t, x_0)",
     [](const Schedule& s, int t) { return posterior(s, t).variance; }, false},
    {"posterior_log_variance_clipped", "its logarithm; at t = 1, where it is -inf, that of t = 2",
     [](const Schedule& s, int t) {
       return std::log(posterior(s, t == 1 && s.steps() > 1 ? 2 : t).variance);
     },
     false},
    {"posterior_mean_coef_x0", "weight of x_0 in the posterior mean",
     [](const Schedule& s, int t) { return posterior(s, t).coef_x0; }, false},
    {"posterior_mean_coef_xt", "weight of x_t in the posterior mean",
     [](const Schedule& s, int t) { return posterior(s, t).coef_xt; }, false},
    {"timestep", "what a network is handed",
     [](const Schedule& s, int t) { return level(s, t).timestep; }, false},
};

bool shown_on(const TableColumn& column, const Schedule& schedule) {
  return !column.beta_only || schedule.path == Path::variance_preserving;
}

/// Steps in full: 1000000, not 1e+06.
std::string cell(double value, const std::string& otherwise) {
  const bool long_whole =
      value == std::floor(value) && std::abs(value) >= 1e5 && std::abs(value) < 1e15;
  return long_whole ? std::to_string(std::int64_t(value)) : otherwise;
}

std::string separated(const Table& table, char separator) {
  std::string text = join(table.header, std::string(1, separator));
  for (const auto& row : table.rows)
    for (std::size_t c = 0; c < row.size(); ++c)
      (text += c == 0 ? '\n' : separator) += cell(row[c], shortest(row[c]));
  return text + '\n';
}

std::vector<std::vector<std::string>> rounded_cells(const Table& table) {
  std::vector<std::vector<std::string>> cells{table.header};
  for (const auto& row : table.rows) {
    auto& texts = cells.emplace_back();
    for (const double value : row) texts.push_back(cell(value, significant(value, 6)));
  }
  return cells;
}

std::string aligned(const Table& table) {
  const auto cells = rounded_cells(table);
  std::string text;
  std::vector<std::size_t> width(table.header.size());
  for (const auto& row : cells)
    for (std::size_t c = 0; c < row.size(); ++c) width[c] = std::max(width[c], row[c].size());
  for (const auto& row : cells) {
    for (std::size_t c = 0; c < row.size(); ++c)
      text += (c == 0 ? "" : "  ") + std::string(width[c] - row[c].size(), ' ') + row[c];
    text += '\n';
  }
  return text;
}

/// A pipe table, as Markdown renderers take it.
std::string markdown(const Table& table) {
  std::string text;
  for (auto& row : rounded_cells(table)) {
    for (std::string& cell : row) {
      for (std::size_t at = 0; (at = cell.find('|', at)) != cell.npos; at += 2)
        cell.insert(at, "\\");
    }
    const bool header = text.empty();
    text += "| " + join(row, " | ") + " |\n";
    if (header) {
      text += "|";
      for (std::size_t c = 0; c < row.size(); ++c) text += " ---: |";
      text += "\n";
    }
  }
  return text;
}

}  // namespace

std::span<const TableColumn> table_columns() { return rows; }

std::span<const Synonym> TableColumn::synonyms() {
  static constexpr Synonym names[] = {{"betas", "beta"},
                                      {"alpha-bars", "alpha_bar"},
                                      {"alphas-cumprod", "alpha_bar"},
                                      {"alphas", "one_minus_beta"},
                                      {"sigmas", "ve_sigma"},
                                      {"alphas-cumprod-prev", "alpha_bar_prev"},
                                      {"sqrt-alphas-cumprod", "alpha"},
                                      {"sqrt-one-minus-alphas-cumprod", "sigma"},
                                      {"timesteps", "timestep"}};
  return names;
}

std::vector<TableColumn> choose_columns(const Schedule& schedule,
                                        const std::vector<std::string>& names) {
  std::vector<TableColumn> chosen;
  for (const auto& name : names) {
    if (name == "all") {
      std::ranges::copy_if(rows, std::back_inserter(chosen),
                           [&](const TableColumn& row) { return shown_on(row, schedule); });
      continue;
    }
    const std::string canonical = canonical_spec(table_columns(), name);
    const auto found = std::ranges::find(rows, canonical, &TableColumn::name);
    if (found == std::end(rows)) {
      std::vector<std::string> have;
      for (const auto& row : rows) have.emplace_back(row.name);
      throw Error("no column '" + name + "' (have: " + join(have, ", ") + ")");
    }
    if (!shown_on(*found, schedule))
      throw Error("column '" + name + "' is defined for variance-preserving schedules only, and " +
                  schedule.family + " is not one");
    chosen.push_back(*found);
  }
  return chosen;
}

std::vector<TableColumn> default_columns(const Schedule& schedule) {
  std::vector<std::string> names{"t", "beta", "alpha_bar", "alpha", "sigma", "log_snr", "timestep"};
  if (schedule.path != Path::variance_preserving)
    names = {"t", "alpha", "sigma", "log_snr", "ve_sigma", "timestep"};
  return choose_columns(schedule, names);
}

Table table_of(const Schedule& schedule, std::span<const int> steps,
               std::span<const TableColumn> columns) {
  Table table;
  for (const auto& column : columns) table.header.emplace_back(column.name);
  for (const int t : steps) {
    auto& row = table.rows.emplace_back();
    for (const auto& column : columns) row.push_back(column.value(schedule, t));
  }
  return table;
}

Json rows_to_json(const Table& table) {
  Json list = Json::array();
  for (const auto& values : table.rows) {
    Json row = Json::object();
    for (std::size_t c = 0; c < values.size(); ++c) {
      const bool whole = values[c] == std::floor(values[c]) && std::abs(values[c]) < 1e15;
      row[table.header[c]] = whole ? Json(std::int64_t(values[c])) : number_to_json(values[c]);
    }
    list.push_back(std::move(row));
  }
  return list;
}

std::string format_table(const Table& table, TableFormat format) {
  switch (format) {
    case TableFormat::table:
      return aligned(table);
    case TableFormat::csv:
      return separated(table, ',');
    case TableFormat::tsv:
      return separated(table, '\t');
    case TableFormat::markdown:
      return markdown(table);
    case TableFormat::json:
      return to_text(rows_to_json(table));
  }
  __builtin_unreachable();
}

}  // namespace diffusion
