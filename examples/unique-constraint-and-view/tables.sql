-- What the application's own migrations have made.
create table customers (
  id      bigint generated always as identity primary key,
  email   text not null,
  country text not null
);
insert into customers (email, country) values ('ada@example.org', 'GB'), ('bo@example.org', 'SE'), ('cy@example.org', 'SE');
