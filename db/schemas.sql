-- The schemas of this database, made or mended at every upgrade, by the administrator.
-- console_owner owns every schema and every table. The owners of definer functions get CREATE where their functions
-- live, and nothing else; who may use what is said again, function by function and table by table, in policies/.

CREATE SCHEMA IF NOT EXISTS app AUTHORIZATION console_owner;
CREATE SCHEMA IF NOT EXISTS auth AUTHORIZATION console_owner;
CREATE SCHEMA IF NOT EXISTS desk AUTHORIZATION console_owner;
CREATE SCHEMA IF NOT EXISTS attendance AUTHORIZATION console_owner;
CREATE SCHEMA IF NOT EXISTS credits AUTHORIZATION console_owner;
CREATE SCHEMA IF NOT EXISTS bookings AUTHORIZATION console_owner;
CREATE SCHEMA IF NOT EXISTS admin AUTHORIZATION console_owner;
CREATE SCHEMA IF NOT EXISTS schedules AUTHORIZATION console_owner;
CREATE SCHEMA IF NOT EXISTS notify AUTHORIZATION console_owner;
CREATE SCHEMA IF NOT EXISTS stats AUTHORIZATION console_owner;
CREATE SCHEMA IF NOT EXISTS payouts AUTHORIZATION console_owner;
CREATE SCHEMA IF NOT EXISTS invoices AUTHORIZATION console_owner;
CREATE SCHEMA IF NOT EXISTS books AUTHORIZATION console_owner;
CREATE SCHEMA IF NOT EXISTS vetting AUTHORIZATION console_owner;
CREATE SCHEMA IF NOT EXISTS scores AUTHORIZATION console_owner;
CREATE SCHEMA IF NOT EXISTS feedback AUTHORIZATION console_owner;
-- The worker's queue; what is in it is another package's.
CREATE SCHEMA IF NOT EXISTS jobs AUTHORIZATION console_owner;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO console_owner;

GRANT USAGE ON SCHEMA public, app, auth TO console_auth, console_api, console_jobs, console_worker, console_client;
GRANT USAGE ON SCHEMA desk, attendance, credits, bookings, admin, schedules, notify, stats,
    payouts, invoices, books, vetting, scores, feedback TO console_api, console_jobs, console_client;
GRANT USAGE ON SCHEMA credits, bookings, admin, attendance, schedules, notify, payouts, invoices, books,
    vetting, scores, feedback TO console_worker;
GRANT CREATE ON SCHEMA auth TO console_auth;
GRANT CREATE ON SCHEMA desk, attendance, credits, bookings, admin, schedules, notify, stats, payouts, invoices, books,
    vetting, scores, feedback TO console_api;
-- The retention functions keep the reference's names, which are in public; delivering messages stands beside writing them.
GRANT CREATE ON SCHEMA app, public, notify TO console_jobs;

-- A function is nobody's to run until its own file says whose.
ALTER DEFAULT PRIVILEGES FOR ROLE console_owner, console_auth, console_api, console_jobs
    REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
