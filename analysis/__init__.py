"""Who is said to owe what, by whom, and when: from saved articles to tables and figures.

Reading this list from top to bottom is following the data; a module imports only from
what stands above it.

    codebook    what the words mean: reads and checks the instrument in data/codebook
    contracts   what columns each table has, and how it is read and written
    corpus/     articles -> clean -> documents -> sentences -> syntax -> voices
    desk        where a notebook sits down: the tables, the codebook, a place for its figures
    measures/   claims, keywords, sentiment, similarity; they never import each other
    partitions  articles in partitions: measured on one core or many, kept when finished, taken up after a stop
    tables      measures -> one tidy table per question, with n, estimate and interval
    timeline    how a share moves: before and after an event, and where it changes for good
    validation/ how right the measures are: gold (coded text), scores against it, sets coded by others (outside),
                shares corrected with the coded sample; coding by people, their agreement
    visuals     one table -> one Axes
    workbench   the whole way from articles to tables
    notebooks   tables to notebooks to figures
"""


class InputError(ValueError):
    """What was given cannot be used. The message names the file, the place, the value and the way out.

    The command line prints it without a traceback and exits with status 2.
    """
